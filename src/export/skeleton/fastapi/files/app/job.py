"""The program: python -m app.job. Does its work once and ends."""

import asyncio
import logging
import signal
import sys

import httpx

from app.breaker import LinkBreaker
from app.caller import (
    BulkheadFullError,
    Caller,
    CircuitBreakerError,
    NotConfiguredError,
    is_failure,
)
from app.context import current, of_headers
from app.design import DESIGN
from app.logging_setup import configure, error_fields
from app.settings import Design, Settings, read_or_exit

log = logging.getLogger(__name__)

STOPPED = 128 + signal.SIGTERM
"""What a shell says of a program that was asked to end."""


async def work(callers: tuple[Caller, ...]) -> None:
    """The job's own work goes here; until then it asks what it depends on."""
    for caller in callers:
        try:
            await caller.request()
        except (
            httpx.HTTPError,
            CircuitBreakerError,
            BulkheadFullError,
            NotConfiguredError,
        ) as error:
            if caller.link.hard:
                raise
            fields = {"service.target.name": caller.link.name, **error_fields(error)}
            log.warning("a dependency is done without", extra={"fields": fields})


async def run(
    design: Design, settings: Settings, *, transport: httpx.AsyncBaseTransport | None = None
) -> None:
    """Does the work with one client for each dependency."""
    # How many calls may be under way is the bulkhead's matter.
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=32)
    async with httpx.AsyncClient(transport=transport, limits=limits) as client:
        callers = []
        for link in design.links:
            numbers = settings.links[link.name]
            breaker = LinkBreaker(numbers.breaker, is_failure) if numbers.breaker else None
            callers.append(Caller(link, numbers, client, breaker))
        await work(tuple(callers))


async def _until_stopped(settings: Settings) -> int:
    # Before the task is made, so that the last line says the trace of its calls, too.
    current.set(of_headers())
    task = asyncio.ensure_future(run(DESIGN, settings))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        log.warning("the job was stopped")
        return STOPPED
    except Exception:
        log.exception("the job failed")
        return 1
    log.info("the job is done")
    return 0


def main() -> int:
    """Runs the job; returns the program's exit code."""
    settings = read_or_exit(DESIGN)
    configure(settings.service, settings.log_level)
    return asyncio.run(_until_stopped(settings))


if __name__ == "__main__":
    sys.exit(main())
