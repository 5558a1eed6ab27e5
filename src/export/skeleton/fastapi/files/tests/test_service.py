"""The service as its callers see it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import APIRouter

from app.answers import Answer, Callers, answer
from app.application import create_app
from app.design import DESIGN
from app.routes import router
from app.settings import Design, Link, Settings
from tests.support import LINK, URL, Stock

pytestmark = pytest.mark.anyio

ONE_CALL = {"STOCK_URL": URL, "STOCK_BREAKER_CONSECUTIVE_FAILURES": "1"}

example = APIRouter()


@example.get("/things/{name}")
async def thing(callers: Callers, name: str) -> Answer:
    if name == "broken":
        raise RuntimeError("a fault of our own")
    return await answer(callers)


@asynccontextmanager
async def client_of(
    stock: Stock,
    environment: dict[str, str] | None = None,
    *,
    link: Link = LINK,
) -> AsyncIterator[httpx.AsyncClient]:
    design = Design(service="orders", title="Orders", links=(link,))
    settings = Settings.read(design, ONE_CALL if environment is None else environment)
    app = create_app(design, settings, example, transport=httpx.MockTransport(stock))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://orders") as client,
    ):
        yield client


async def test_every_drawn_operation_asks_every_dependency() -> None:
    stock = Stock()
    urls = {it.address: f"http://{it.name}.test" for it in DESIGN.links}
    settings = Settings.read(DESIGN, urls)
    app = create_app(DESIGN, settings, router, transport=httpx.MockTransport(stock))
    operations = app.openapi()["paths"]
    assert operations
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://orders") as client:
        for path, methods in operations.items():
            for method, operation in methods.items():
                for parameter in operation.get("parameters", []):
                    path = path.replace(f"{{{parameter['name']}}}", "1")
                stock.requests.clear()
                response = await client.request(method, path)
                assert response.status_code == 200, f"{method} {path}"
                asked = [(it.method, it.url.path) for it in stock.requests]
                assert asked == [(it.method, it.path) for it in DESIGN.links]
        for path in (DESIGN.health_path, DESIGN.metrics_path, "/ready", "/breakers"):
            assert (await client.get(path)).status_code == 200


async def test_an_open_breaker_is_told_everywhere() -> None:
    stock = Stock(500)
    async with client_of(stock) as client:
        assert (await client.get("/ready")).json() == {"status": "ok", "checks": {"stock": "ok"}}
        assert (await client.get("/things/1")).status_code == 502
        refused = await client.get("/things/1")
        assert refused.status_code == 503
        assert int(refused.headers["retry-after"]) == 30
        assert len(stock.requests) == 1
        (told,) = (await client.get("/breakers")).json()["breakers"]
        assert (told["name"], told["state"], told["not_permitted_calls"]) == ("stock", "open", 1)
        assert told["last_failure"] == "HTTPStatusError"
        ready = await client.get("/ready")
        assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
        assert (await client.get("/health")).json() == {"status": "ok"}
        page = (await client.get("/metrics")).text
        assert 'circuit_breaker_state{name="stock",state="open"} 1.0' in page
        assert 'circuit_breaker_state{name="stock",state="closed"} 0.0' in page
        assert 'circuit_breaker_calls_total{name="stock",outcome="rejected"} 1.0' in page


async def test_requests_are_counted_by_route_and_probes_are_not() -> None:
    async with client_of(Stock()) as client:
        await client.get("/things/1")
        await client.get("/things/2")
        await client.get("/nowhere")
        await client.get("/health")
        page = (await client.get("/metrics")).text
    total = 'http_server_requests_total{method="GET",route='
    assert f'{total}"/things/{{name}}",status="200"}} 2.0' in page
    assert f'{total}"unmatched",status="404"}} 1.0' in page
    assert "http_server_request_duration_seconds_bucket" in page
    assert "/health" not in page


@pytest.mark.parametrize(
    ("answer_of_stock", "status"),
    [(httpx.ReadTimeout("late"), 504), (httpx.ConnectError("refused"), 502), (404, 502)],
)
async def test_a_needed_dependency_that_fails_fails_the_operation(
    answer_of_stock: int | Exception, status: int
) -> None:
    async with client_of(Stock(answer_of_stock)) as client:
        response = await client.get("/things/1")
    assert response.status_code == status
    assert "stock" in response.json()["detail"]


@pytest.mark.parametrize(
    ("fallback", "told"), [(None, "failed"), ("from the cache", {"fallback": "from the cache"})]
)
async def test_one_that_is_not_needed_is_done_without(fallback: str | None, told: object) -> None:
    link = Link(name="stock", prefix="STOCK", address="STOCK_URL", hard=False, fallback=fallback)
    async with client_of(Stock(500), link=link) as client:
        response = await client.get("/things/1")
        assert response.json() == {"dependencies": {"stock": told}}
        assert (await client.get("/ready")).json()["status"] == "ok"


async def test_one_of_whom_nobody_said_where_it_is_is_done_without() -> None:
    link = Link(name="stock", prefix="STOCK", address="STOCK_URL", hard=False)
    async with client_of(Stock(), {}, link=link) as client:
        assert (await client.get("/things/1")).json() == {"dependencies": {"stock": "failed"}}
        assert (await client.get("/ready")).json() == {"status": "ok", "checks": {"stock": "fail"}}


async def test_the_request_id_is_taken_over_checked_and_answered() -> None:
    stock = Stock()
    async with client_of(stock) as client:
        kept = await client.get("/things/1", headers={"X-Request-ID": "from-the-gateway"})
        replaced = await client.get("/things/1", headers={"X-Request-ID": "<script>"})
    assert kept.headers["x-request-id"] == "from-the-gateway"
    assert stock.requests[0].headers["x-request-id"] == "from-the-gateway"
    assert replaced.headers["x-request-id"] == stock.requests[1].headers["x-request-id"]
    assert len(replaced.headers["x-request-id"]) == 32


async def test_a_fault_of_our_own_is_logged_once_and_not_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with client_of(Stock()) as client:
        response = await client.get("/things/broken", headers={"X-Request-ID": "request-1"})
    assert (response.status_code, response.headers["x-request-id"]) == (500, "request-1")
    assert response.json() == {"detail": "Internal Server Error"}
    lines = [json.loads(it) for it in capsys.readouterr().out.splitlines()]
    failed, access = [it for it in lines if it.get("http.request.id") == "request-1"]
    assert (failed["error.type"], failed["error.message"]) == ("RuntimeError", "a fault of our own")
    assert (access["http.request.method"], access["url.path"]) == ("GET", "/things/broken")
    assert access["http.response.status_code"] == 500
    assert access["event.duration"] > 0
    assert access["trace.id"] == failed["trace.id"]
