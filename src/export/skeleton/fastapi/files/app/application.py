"""Puts the service together."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from fastapi import APIRouter, FastAPI, Response
from fastapi.routing import APIRoute
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from app.breaker import LinkBreaker
from app.caller import Caller, is_failure
from app.logging_setup import configure
from app.metrics import Metrics
from app.observe import Observe
from app.settings import Design, Settings

log = logging.getLogger(__name__)


def create_app(
    design: Design,
    settings: Settings,
    routes: APIRouter,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
) -> FastAPI:
    """The service, with another transport in tests."""
    configure(settings.service, settings.log_level)
    client = httpx.AsyncClient(
        transport=transport,
        # How many calls may be under way is the bulkhead's matter.
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=32),
    )
    callers = make_callers(design, settings, client)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        # A database's or a broker's client is opened here, and closed after the yield.
        async with client:
            yield

    app = FastAPI(
        title=design.title,
        description=design.description,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
    )
    app.state.callers = callers
    breakers = tuple(it.breaker for it in callers if it.breaker)
    metrics = Metrics(breakers)
    app.include_router(own_routes(design, callers, metrics))
    app.include_router(routes)
    own_paths = frozenset({design.health_path, design.metrics_path, "/ready", "/breakers"})
    app.add_middleware(Observe, metrics=metrics, own_paths=own_paths)
    return app


def make_callers(
    design: Design, settings: Settings, client: httpx.AsyncClient
) -> tuple[Caller, ...]:
    """A client for each link, with its own breaker."""
    callers = []
    for link in design.links:
        numbers = settings.links[link.name]
        if numbers.url is None:
            log.warning("%s is not set: %s cannot be asked", link.address, link.name)
        breaker = None
        if numbers.breaker is not None:
            breaker = LinkBreaker(numbers.breaker, is_failure, on_change=_log_change)
        callers.append(Caller(link, numbers, client, breaker))
    return tuple(callers)


def own_routes(design: Design, callers: tuple[Caller, ...], metrics: Metrics) -> APIRouter:
    """Where the service answers for itself."""
    router = APIRouter(include_in_schema=False)

    @router.get(design.health_path)
    async def health() -> dict[str, str]:
        """The process answers. Never depends on another service: that would only spread."""
        return {"status": "ok"}

    @router.get(design.metrics_path)
    async def metrics_page() -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    @router.get("/ready")
    async def ready() -> dict[str, Any]:
        """Degraded while a dependency that is needed cannot be asked. Still 200: taken out of
        service, every replica would follow, and with them all that works without it."""
        checks = {it.link.name: _readiness(it) for it in callers}
        needed = {it.link.name for it in callers if it.link.hard}
        is_degraded = any(checks[it] != "ok" for it in needed)
        return {"status": "degraded" if is_degraded else "ok", "checks": checks}

    @router.get("/breakers")
    async def breakers() -> dict[str, Any]:
        return {"breakers": [it.breaker.snapshot() for it in callers if it.breaker]}

    return router


def _readiness(caller: Caller) -> str:
    is_open = caller.breaker is not None and caller.breaker.opened
    return "fail" if is_open or caller.settings.url is None else "ok"


def _operation_id(route: APIRoute) -> str:
    return route.name


def _log_change(breaker: LinkBreaker, before: str, after: str) -> None:
    fields = {"service.target.name": breaker.name, "event.action": f"breaker-{after}"}
    level = logging.WARNING if after == "open" else logging.INFO
    text = "the breaker of %s was %s and is %s"
    log.log(level, text, breaker.name, before, after, extra={"fields": fields})
