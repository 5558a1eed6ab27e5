"""The job from its start to its end."""

import json

import httpx
import pytest

from app.design import DESIGN
from app.job import main, run
from app.settings import Design, Link, Settings
from tests.support import LINK, URL, Stock

pytestmark = pytest.mark.anyio

SETTINGS = Settings.read(DESIGN, {it.address: f"http://{it.name}.test" for it in DESIGN.links})


async def test_it_asks_every_dependency_once() -> None:
    stock = Stock()
    await run(DESIGN, SETTINGS, transport=httpx.MockTransport(stock))
    asked = [(it.method, it.url.path) for it in stock.requests]
    assert asked == [(it.method, it.path) for it in DESIGN.links]


async def ask_a_broken(link: Link) -> None:
    design = Design(service="job", title="Job", links=(link,))
    settings = Settings.read(design, {link.address: URL})
    await run(design, settings, transport=httpx.MockTransport(Stock(500)))


async def test_a_dependency_that_is_needed_and_fails_fails_the_job() -> None:
    with pytest.raises(httpx.HTTPStatusError):
        await ask_a_broken(LINK)


async def test_one_that_is_not_needed_is_done_without() -> None:
    await ask_a_broken(Link(name="stock", prefix="STOCK", address="STOCK_URL", hard=False))


def test_how_it_ended_is_said_with_its_trace(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for link in DESIGN.links:
        # Nobody listens there.
        monkeypatch.setenv(link.address, "http://127.0.0.1:1")
    code = main()
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    is_needed = any(it.hard for it in DESIGN.links)
    assert (code, last["log.level"]) == ((1, "error") if is_needed else (0, "info"))
    assert len(last["trace.id"]) == 32
