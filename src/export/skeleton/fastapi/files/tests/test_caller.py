"""How another service is called."""

import asyncio
from dataclasses import replace

import httpx
import pytest

from app.caller import BulkheadFullError, CircuitBreakerError, NotConfiguredError
from app.context import current, of_headers
from app.settings import BreakerSettings
from tests.support import LINK, Stock, caller, retries

pytestmark = pytest.mark.anyio

REFUSED = httpx.ConnectError("refused")


async def test_a_call_that_may_be_repeated_is_repeated_with_growing_jittered_waits() -> None:
    waits: list[float] = []
    stock = Stock(503, REFUSED, 500, 200)
    settings = retries(5, backoff_s=0.1, max_backoff_s=0.3)
    response = await caller(stock, waits=waits, retries=settings).request()
    assert response.status_code == 200
    # Half of 100 ms, 200 ms and the cap: the jitter of these tests.
    assert waits == pytest.approx([0.05, 0.1, 0.15])


async def test_without_jitter_the_waits_are_exact() -> None:
    waits: list[float] = []
    settings = retries(2, backoff_s=0.1, jitter=False)
    with pytest.raises(httpx.HTTPStatusError):
        await caller(Stock(500), waits=waits, retries=settings).request()
    assert waits == [0.1, 0.2]


@pytest.mark.parametrize(
    ("idempotent", "method", "asked"),
    [(None, "GET", 3), (None, "POST", 1), (True, "POST", 3), (False, "GET", 1)],
)
async def test_only_what_may_be_done_twice_is_done_twice(
    idempotent: bool | None, method: str, asked: int
) -> None:
    stock = Stock(500)
    link = replace(LINK, idempotent=idempotent)
    with pytest.raises(httpx.HTTPStatusError):
        await caller(stock, link=link, retries=retries(2)).request(method)
    assert len(stock.requests) == asked


async def test_the_callers_own_fault_is_neither_repeated_nor_counted() -> None:
    stock = Stock(404)
    it = caller(
        stock, retries=retries(2), breaker=BreakerSettings(name="b", consecutive_failures=1)
    )
    with pytest.raises(httpx.HTTPStatusError):
        await it.request()
    assert it.breaker is not None
    assert len(stock.requests) == it.breaker.calls["ignored"] == 1
    assert it.breaker.state == "closed"


async def test_an_attempt_is_given_up_after_its_time_and_counts_as_a_failure() -> None:
    async def never(_request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    settings = BreakerSettings(name="b", consecutive_failures=1)
    it = caller(never, timeout_s=0.001, breaker=settings)
    with pytest.raises(httpx.ReadTimeout):
        await it.request()
    assert it.breaker is not None
    assert it.breaker.state == "open"


async def test_attempts_stop_when_the_breaker_opens() -> None:
    stock = Stock(500)
    settings = BreakerSettings(name="b", consecutive_failures=2)
    with pytest.raises(CircuitBreakerError):
        await caller(stock, retries=retries(9), breaker=settings).request()
    assert len(stock.requests) == 2


async def test_more_calls_than_may_be_under_way_are_refused_at_once() -> None:
    end = asyncio.Event()

    async def wait(_request: httpx.Request) -> httpx.Response:
        await end.wait()
        return httpx.Response(200)

    settings = BreakerSettings(name="b", consecutive_failures=1)
    it = caller(wait, bulkhead=2, breaker=settings)
    first, second = (asyncio.ensure_future(it.request()) for _ in range(2))
    await asyncio.sleep(0)
    with pytest.raises(BulkheadFullError):
        await it.request()
    assert it.breaker is not None
    assert it.breaker.state == "closed"
    end.set()
    assert [(await each).status_code for each in (first, second)] == [200, 200]
    assert (await it.request()).status_code == 200


async def test_the_request_and_its_trace_are_passed_on() -> None:
    stock = Stock()
    trace, span = "1" * 32, "2" * 16
    current.set(of_headers("request-1", f"00-{trace}-{span}-01", "vendor=1"))
    await caller(stock).request()
    headers = stock.requests[0].headers
    assert headers["x-request-id"] == "request-1"
    assert headers["tracestate"] == "vendor=1"
    version, passed_trace, passed_span, flags = headers["traceparent"].split("-")
    assert (version, passed_trace, flags) == ("00", trace, "01")
    assert passed_span != span


@pytest.mark.parametrize("state", ["vendor=\u00e9", "v" * 513, "vendor=\x01"])
async def test_a_state_of_a_trace_that_cannot_be_passed_on_is_left_out(state: str) -> None:
    stock = Stock()
    current.set(of_headers("request-1", f"00-{'1' * 32}-{'2' * 16}-01", state))
    await caller(stock).request()
    assert "tracestate" not in stock.requests[0].headers
    assert stock.requests[0].headers["traceparent"].startswith(f"00-{'1' * 32}-")


async def test_somebody_of_whom_nobody_said_where_they_are_cannot_be_asked() -> None:
    with pytest.raises(NotConfiguredError, match="STOCK_URL"):
        await caller(Stock(), url=None).request()
