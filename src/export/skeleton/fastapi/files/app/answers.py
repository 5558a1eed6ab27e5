"""What the example operations do: ask each dependency, and say how that went."""

import logging
from collections.abc import Iterable
from math import ceil
from typing import Annotated, Any

import httpx
from fastapi import Depends, HTTPException, Request
from pydantic import BaseModel

from app import fallbacks
from app.caller import BulkheadFullError, Caller, CircuitBreakerError, NotConfiguredError
from app.logging_setup import error_fields

log = logging.getLogger(__name__)


class Answer(BaseModel):
    """How each dependency answered: ok, what was answered instead, or that it failed."""

    dependencies: dict[str, Any]


# At module level, because FastAPI looks the names of a signature up there.
def callers_of(request: Request) -> tuple[Caller, ...]:
    """The clients of the service's dependencies."""
    callers: tuple[Caller, ...] = request.app.state.callers
    return callers


Callers = Annotated[tuple[Caller, ...], Depends(callers_of)]


async def answer(callers: Iterable[Caller]) -> Answer:
    """Asks every dependency in turn; the first that is needed and fails ends it."""
    return Answer(dependencies={it.link.name: await ask(it) for it in callers})


async def ask(caller: Caller) -> Any:
    """Asks a dependency, or does what stands in for it."""
    link = caller.link
    try:
        await caller.request()
    except (
        httpx.HTTPError,
        CircuitBreakerError,
        BulkheadFullError,
        NotConfiguredError,
    ) as error:
        instead = fallbacks.of(link)
        if instead is None and link.hard:
            raise as_http_error(caller, error) from error
        fields = {"service.target.name": link.name, **error_fields(error)}
        log.warning("a dependency is done without", extra={"fields": fields})
        return "failed" if instead is None else await instead(link, error)
    return "ok"


def as_http_error(caller: Caller, error: Exception) -> HTTPException:
    """What our own caller is told. It is never told the other side's own words."""
    name = caller.link.name
    if isinstance(error, CircuitBreakerError):
        seconds = caller.breaker.open_remaining if caller.breaker else 0.0
        headers = {"Retry-After": str(max(1, ceil(seconds)))}
        return HTTPException(503, f"{name} is not asked while its breaker is open", headers)
    if isinstance(error, BulkheadFullError):
        return HTTPException(503, f"too many calls of {name} are under way", {"Retry-After": "1"})
    if isinstance(error, httpx.TimeoutException):
        return HTTPException(504, f"{name} did not answer in time")
    return HTTPException(502, f"{name} failed")
