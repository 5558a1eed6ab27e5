"""The service's metrics, in a registry of their own."""

from collections.abc import Iterable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from app.breaker import OUTCOMES, STATES, LinkBreaker

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class Metrics:
    """Requests that were answered, and the breakers' states."""

    def __init__(self, breakers: Iterable[LinkBreaker]) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # it has no types
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.registry.register(_Breakers(tuple(breakers)))
        self._requests = Counter(
            "http_server_requests",
            "Requests that were answered",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self._duration = Histogram(
            "http_server_request_duration_seconds",
            "How long answers took",
            ["method", "route"],
            buckets=BUCKETS,
            registry=self.registry,
        )

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Counts a request. Labels are of a bounded number, whatever is asked."""
        method = method if method in METHODS else "OTHER"
        self._requests.labels(method, route, str(status)).inc()
        self._duration.labels(method, route).observe(seconds)


class _Breakers(Collector):
    """Reads the breakers when it is asked: a breaker half-opens without an event."""

    def __init__(self, breakers: tuple[LinkBreaker, ...]) -> None:
        self._breakers = breakers

    def collect(self) -> Iterable[Metric]:
        state = GaugeMetricFamily(
            "circuit_breaker_state",
            "1 for the state a breaker is in",
            labels=["name", "state"],
        )
        calls = CounterMetricFamily(
            "circuit_breaker_calls",
            "Calls through a breaker, by how they ended",
            labels=["name", "outcome"],
        )
        for breaker in self._breakers:
            now = breaker.state
            for it in STATES:
                state.add_metric([breaker.name, it], float(it == now))
            for it in OUTCOMES:
                calls.add_metric([breaker.name, it], float(breaker.calls[it]))
        yield state
        yield calls
