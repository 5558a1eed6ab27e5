"""What every test has."""

import pytest

from app.context import current


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def _no_request() -> None:
    current.set(None)
