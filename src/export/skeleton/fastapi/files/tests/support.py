"""A clock that stands still, and another service that does as it is told."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import httpx

from app.breaker import LinkBreaker
from app.caller import Caller, is_failure
from app.settings import BreakerSettings, Link, LinkSettings, RetrySettings

LINK = Link(name="stock", prefix="STOCK", address="STOCK_URL")
URL = "http://stock.test"


class Clock:
    """Moves only when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class RefusedError(Exception):
    """Neither success nor failure."""


class BrokenError(Exception):
    """A failure."""


def is_broken(kind: type[BaseException], _error: BaseException) -> bool:
    return issubclass(kind, BrokenError)


def breaker(clock: Clock, **settings: Any) -> LinkBreaker:
    usual = {"consecutive_failures": 3, "open_s": 10.0, "half_open_calls": 2}
    numbers = BreakerSettings(name="stock", **{**usual, **settings})
    return LinkBreaker(numbers, is_broken, clock=clock)


async def outcome(it: LinkBreaker, error: type[BaseException] | None = None) -> None:
    """Makes one call that ends like this."""

    async def call() -> None:
        if error is not None:
            raise error

    with contextlib.suppress(BrokenError, RefusedError, asyncio.CancelledError):
        await it.call_async(call)


class Pending:
    """A call that is under way until it is told how it ends."""

    def __init__(self, it: LinkBreaker) -> None:
        self._end: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.task = asyncio.ensure_future(it.call_async(self._wait))

    async def _wait(self) -> None:
        await self._end

    async def begin(self) -> "Pending":
        await asyncio.sleep(0)
        return self

    async def end(self, error: Exception | None = None) -> None:
        if error is None:
            self._end.set_result(None)
        else:
            self._end.set_exception(error)
        await asyncio.gather(self.task, return_exceptions=True)


class Stock:
    """The other service: answers with these codes, the last one for ever."""

    def __init__(self, *codes: int | Exception) -> None:
        self.codes = list(codes) or [200]
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        code = self.codes.pop(0) if len(self.codes) > 1 else self.codes[0]
        if isinstance(code, Exception):
            raise code
        return httpx.Response(code, json={})


def caller(
    stock: Callable[[httpx.Request], Any],
    *,
    link: Link = LINK,
    waits: list[float] | None = None,
    **settings: Any,
) -> Caller:
    """A client whose waits are noted instead of waited."""
    numbers = LinkSettings(**{"url": URL, **settings})
    guard = LinkBreaker(numbers.breaker, is_failure) if numbers.breaker else None
    noted = [] if waits is None else waits

    async def note(seconds: float) -> None:
        noted.append(seconds)

    client = httpx.AsyncClient(transport=httpx.MockTransport(stock))
    return Caller(link, numbers, client, guard, sleep=note, uniform=lambda _low, high: high / 2)


def retries(count: int, **settings: Any) -> RetrySettings:
    return RetrySettings(count=count, **settings)
