"""What the environment says."""

import json

import pytest

from app.settings import (
    DEFAULT_TIMEOUT_S,
    Design,
    Link,
    LinkSettings,
    Settings,
    SettingsError,
    Store,
    read_or_exit,
)
from tests.support import LINK, URL

STORE = Store(name="db", technology="PostgreSQL", variables=("DB_HOST", "DB_PORT"))
DESIGN = Design(service="orders", title="Orders", links=(LINK,), stores=(STORE,))


def read(**environment: str) -> LinkSettings:
    return Settings.read(DESIGN, {"STOCK_URL": URL, **environment}).links["stock"]


def test_every_number_is_read_in_the_unit_of_its_name() -> None:
    it = read(
        STOCK_URL=f"{URL}/",
        STOCK_TIMEOUT_MS="733",
        STOCK_RETRIES="2",
        STOCK_RETRY_BACKOFF_MS="47",
        STOCK_RETRY_MAX_BACKOFF_MS="977",
        STOCK_RETRY_JITTER="false",
        STOCK_BULKHEAD="19",
        STOCK_BREAKER_NAME="odd",
        STOCK_BREAKER_FAILURE_RATE="37.5",
        STOCK_BREAKER_CONSECUTIVE_FAILURES="6",
        STOCK_BREAKER_WINDOW_CALLS="47",
        STOCK_BREAKER_WINDOW_MS="9001",
        STOCK_BREAKER_MINIMUM_CALLS="13",
        STOCK_BREAKER_SLOW_CALL_MS="523",
        STOCK_BREAKER_SLOW_CALL_RATE="61.25",
        STOCK_BREAKER_OPEN_MS="0",
        STOCK_BREAKER_HALF_OPEN_CALLS="2",
    )
    assert (it.url, it.timeout_s, it.bulkhead) == (URL, 0.733, 19)
    assert (it.retries.count, it.retries.jitter) == (2, False)
    assert (it.retries.backoff_s, it.retries.max_backoff_s) == (0.047, 0.977)
    breaker = it.breaker
    assert breaker is not None
    assert (breaker.name, breaker.failure_rate, breaker.consecutive_failures) == ("odd", 37.5, 6)
    assert (breaker.window_calls, breaker.window_s, breaker.minimum_calls) == (47, 9.001, 13)
    assert (breaker.slow_call_s, breaker.slow_call_rate) == (0.523, 61.25)
    assert (breaker.open_s, breaker.half_open_calls) == (0.0, 2)


def test_what_is_not_set_is_not_done_but_no_call_waits_for_ever() -> None:
    it = read(STOCK_BULKHEAD=" ")
    assert (it.bulkhead, it.breaker, it.retries.count) == (None, None, 0)
    assert it.timeout_s == DEFAULT_TIMEOUT_S


def test_a_window_of_time_alone_has_no_bound_of_calls() -> None:
    breaker = read(STOCK_BREAKER_WINDOW_MS="500").breaker
    assert breaker is not None
    assert (breaker.window_calls, breaker.failure_rate, breaker.name) == (None, 50.0, "stock")


def test_a_window_smaller_than_the_least_number_of_calls_still_opens() -> None:
    breaker = read(STOCK_BREAKER_WINDOW_CALLS="5").breaker
    assert breaker is not None
    assert breaker.minimum_calls == 5


def test_stores_are_told_where_they_are() -> None:
    told = {"STOCK_URL": URL, "DB_HOST": "db", "DB_PORT": "", "SERVICE_NAME": "o-1"}
    settings = Settings.read(DESIGN, told)
    assert settings.stores["db"].values == {"DB_HOST": "db"}
    assert settings.service == "o-1"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STOCK_URL", ""),
        ("STOCK_URL", "stock:8080"),
        ("STOCK_TIMEOUT_MS", "1s"),
        ("STOCK_TIMEOUT_MS", "0"),
        ("STOCK_TIMEOUT_MS", "-1"),
        ("STOCK_BULKHEAD", "0"),
        ("STOCK_RETRIES", "-1"),
        ("STOCK_RETRY_JITTER", "yes"),
        ("STOCK_BREAKER_FAILURE_RATE", "101"),
        ("STOCK_BREAKER_FAILURE_RATE", "half"),
        ("LOG_LEVEL", "LOUD"),
    ],
)
def test_a_value_that_cannot_be_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        read(**{name: value})


def test_one_that_is_not_needed_may_be_nowhere() -> None:
    link = Link(name="stock", prefix="STOCK", address="STOCK_URL", hard=False)
    design = Design(service="orders", title="Orders", links=(link,))
    assert Settings.read(design, {}).links["stock"].url is None


def test_two_breakers_of_one_name_are_refused() -> None:
    other = Link(name="other", prefix="OTHER", address="STOCK_URL")
    design = Design(service="orders", title="Orders", links=(LINK, other))
    told = {"STOCK_URL": URL, "STOCK_BREAKER_OPEN_MS": "1", "OTHER_BREAKER_OPEN_MS": "1"}
    assert len(Settings.read(design, told).links) == 2
    with pytest.raises(SettingsError, match="2 breakers are called 'stock'"):
        Settings.read(design, {**told, "OTHER_BREAKER_NAME": "stock"})


def test_a_program_that_cannot_use_them_ends_with_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STOCK_URL", URL)
    monkeypatch.setenv("STOCK_TIMEOUT_MS", "1s")
    with pytest.raises(SystemExit) as ended:
        read_or_exit(DESIGN)
    assert ended.value.code == 2
    (line,) = capsys.readouterr().out.splitlines()
    entry = json.loads(line)
    assert (entry["log.level"], entry["service.name"]) == ("critical", "orders")
    assert "STOCK_TIMEOUT_MS" in entry["message"]
