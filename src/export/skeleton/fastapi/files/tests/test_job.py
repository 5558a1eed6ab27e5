"""The job from its start to its end."""

import httpx
import pytest

from app.design import DESIGN
from app.job import run
from app.settings import Settings
from tests.support import Stock

pytestmark = pytest.mark.anyio

SETTINGS = Settings.read(DESIGN, {it.address: f"http://{it.name}.test" for it in DESIGN.links})


async def test_it_asks_every_dependency_once() -> None:
    stock = Stock()
    await run(DESIGN, SETTINGS, transport=httpx.MockTransport(stock))
    asked = [(it.method, it.url.path) for it in stock.requests]
    assert asked == [(it.method, it.path) for it in DESIGN.links]


@pytest.mark.skipif(not DESIGN.links, reason="it depends on nobody")
async def test_a_dependency_that_fails_fails_the_job() -> None:
    with pytest.raises(httpx.HTTPStatusError):
        await run(DESIGN, SETTINGS, transport=httpx.MockTransport(Stock(500)))
