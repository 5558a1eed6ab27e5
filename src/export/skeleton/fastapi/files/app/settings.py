"""What the service is told, read from the environment once, when it starts.

The names follow from the dependency: PAYMENTS_URL, PAYMENTS_TIMEOUT_MS,
PAYMENTS_BREAKER_OPEN_MS. What is not set is not done: no retry, no breaker, no limit.
What cannot be used, or is missing and needed, ends the program before it serves anything.
"""

import logging
import os
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.logging_setup import configure

log = logging.getLogger(__name__)

DEFAULT_TIMEOUT_S = 10.0
"""Seconds for one attempt where nothing is set: no call may wait for ever."""


class SettingsError(ValueError):
    """A variable says something that cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A service that is called over HTTP, as drawn."""

    name: str
    prefix: str
    """The start of the names of its settings."""
    address: str
    """The variable that says where it is."""
    operation: str = ""
    """What it is asked for, in the design's words."""
    method: str = "GET"
    path: str = "/"
    hard: bool = True
    """Whether the service cannot do its work without it."""
    idempotent: bool | None = None
    """Whether doing it twice is the same as once; None means: as its method says."""
    fallback: str | None = None
    """What is done instead, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """A database, a broker or another service that is not called over HTTP."""

    name: str
    technology: str
    variables: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """What the design says of this service."""

    service: str
    title: str
    description: str = ""
    health_path: str = "/health"
    metrics_path: str = "/metrics"
    links: tuple[Link, ...] = ()
    stores: tuple[Store, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrySettings:
    """Further attempts after a failed one."""

    count: int = 0
    backoff_s: float = 0.0
    max_backoff_s: float | None = None
    jitter: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerSettings:
    """When a breaker opens, and how it closes again."""

    name: str
    failure_rate: float | None = None
    """Percent of failed calls in the window that opens it."""
    consecutive_failures: int | None = None
    """Failures in a row that open it."""
    window_calls: int | None = 20
    """The last so many calls count."""
    window_s: float | None = None
    """The calls of the last so many seconds count."""
    minimum_calls: int = 10
    """Fewer calls in the window never open it by their rate."""
    slow_call_s: float | None = None
    """A call is slow from so many seconds on."""
    slow_call_rate: float = 100.0
    """Percent of slow calls in the window that opens it."""
    open_s: float = 30.0
    """Seconds until it tries again."""
    half_open_calls: int = 3
    """Trial calls, all of which must succeed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSettings:
    """The numbers of one link."""

    url: str | None
    timeout_s: float = DEFAULT_TIMEOUT_S
    retries: RetrySettings = field(default_factory=RetrySettings)
    bulkhead: int | None = None
    breaker: BreakerSettings | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSettings:
    """Where a store is: the variables of its declaration that are set."""

    values: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything the service is told."""

    service: str
    log_level: str = "INFO"
    links: Mapping[str, LinkSettings] = field(default_factory=dict)
    stores: Mapping[str, StoreSettings] = field(default_factory=dict)

    @classmethod
    def read(cls, design: Design, environment: Mapping[str, str]) -> "Settings":
        """Reads the settings; raises SettingsError with the variable's name."""
        read = _Environment(environment)
        level = (read.text("LOG_LEVEL") or "INFO").upper()
        if level not in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}:
            raise SettingsError(f"LOG_LEVEL cannot be {level!r}")
        links = {it.name: _link(read, it) for it in design.links}
        _refuse_twins(links)
        return cls(
            service=read.text("SERVICE_NAME") or design.service,
            log_level=level,
            links=links,
            stores={
                it.name: StoreSettings(
                    values={
                        name: value
                        for name in it.variables
                        if (value := read.text(name)) is not None
                    }
                )
                for it in design.stores
            },
        )


def read_or_exit(design: Design) -> Settings:
    """What the process is told; where that cannot be used, one line says so and it ends."""
    configure(design.service)
    try:
        return Settings.read(design, os.environ)
    except SettingsError as error:
        log.critical("%s", error)
        sys.exit(2)


class _Environment:
    """Variables by name; an empty one is not set."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def text(self, name: str) -> str | None:
        return self._values.get(name, "").strip() or None

    def whole(self, name: str) -> int | None:
        text = self.text(name)
        if text is None:
            return None
        if not (text.isascii() and text.isdigit()):
            raise SettingsError(f"{name} must be a whole number, not {text!r}")
        return int(text)

    def positive(self, name: str) -> int | None:
        """A limit; with none of it left, every call would fail."""
        value = self.whole(name)
        if value == 0:
            raise SettingsError(f"{name} must be 1 or more, not 0; leave it out for no such limit")
        return value

    def count(self, name: str) -> int | None:
        """A number of calls; none of at all would be no breaker."""
        value = self.whole(name)
        return None if value is None else max(1, value)

    def seconds(self, name: str) -> float | None:
        value = self.whole(name)
        return None if value is None else value / 1000

    def percent(self, name: str) -> float | None:
        text = self.text(name)
        if text is None:
            return None
        try:
            value = float(text)
        except ValueError:
            value = -1.0
        if not 0 <= value <= 100:
            raise SettingsError(f"{name} must be a percentage, not {text!r}")
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        text = self.text(name)
        if text is None:
            return default
        if text not in {"true", "false"}:
            raise SettingsError(f"{name} must be true or false, not {text!r}")
        return text == "true"


def _link(read: _Environment, link: Link) -> LinkSettings:
    url = read.text(link.address)
    if url is None and link.hard:
        raise SettingsError(f"{link.address} is not set, and nothing works without {link.name}")
    if url is not None and not url.startswith(("http://", "https://")):
        raise SettingsError(f"{link.address} must start with http:// or https://")
    timeout_ms = read.positive(f"{link.prefix}_TIMEOUT_MS")
    return LinkSettings(
        url=url.rstrip("/") if url else None,
        timeout_s=DEFAULT_TIMEOUT_S if timeout_ms is None else timeout_ms / 1000,
        retries=RetrySettings(
            count=read.whole(f"{link.prefix}_RETRIES") or 0,
            backoff_s=read.seconds(f"{link.prefix}_RETRY_BACKOFF_MS") or 0.0,
            max_backoff_s=read.seconds(f"{link.prefix}_RETRY_MAX_BACKOFF_MS"),
            jitter=read.flag(f"{link.prefix}_RETRY_JITTER", default=True),
        ),
        bulkhead=read.positive(f"{link.prefix}_BULKHEAD"),
        breaker=_breaker(read, link),
    )


def _refuse_twins(links: Mapping[str, LinkSettings]) -> None:
    """Two breakers of one name would be one in the metrics, where neither could be read."""
    names = Counter(it.breaker.name for it in links.values() if it.breaker)
    for name, count in names.items():
        if count > 1:
            raise SettingsError(
                f"{count} breakers are called {name!r}: set another ..._BREAKER_NAME"
            )


def _breaker(read: _Environment, link: Link) -> BreakerSettings | None:
    start = f"{link.prefix}_BREAKER"
    name = read.text(f"{start}_NAME")
    rate = read.percent(f"{start}_FAILURE_RATE")
    row = read.count(f"{start}_CONSECUTIVE_FAILURES")
    slow = read.seconds(f"{start}_SLOW_CALL_MS")
    slow_rate = read.percent(f"{start}_SLOW_CALL_RATE")
    calls = read.count(f"{start}_WINDOW_CALLS")
    window = read.seconds(f"{start}_WINDOW_MS")
    minimum = read.count(f"{start}_MINIMUM_CALLS")
    opened = read.seconds(f"{start}_OPEN_MS")
    trials = read.count(f"{start}_HALF_OPEN_CALLS")
    said = (name, rate, row, slow, slow_rate, calls, window, minimum, opened, trials)
    if all(it is None for it in said):
        return None
    usual = BreakerSettings(name=name or link.name)
    if calls is None and window is None:
        calls = usual.window_calls
    if rate is None and row is None and slow is None:
        # A breaker of which nothing is said but that it is there.
        rate = 50.0
    minimum = usual.minimum_calls if minimum is None else minimum
    return BreakerSettings(
        name=usual.name,
        failure_rate=rate,
        consecutive_failures=row,
        window_calls=calls,
        window_s=window,
        # More calls than the window holds are never seen.
        minimum_calls=minimum if calls is None else min(minimum, calls),
        slow_call_s=slow,
        slow_call_rate=usual.slow_call_rate if slow_rate is None else slow_rate,
        open_s=usual.open_s if opened is None else opened,
        half_open_calls=usual.half_open_calls if trials is None else trials,
    )
