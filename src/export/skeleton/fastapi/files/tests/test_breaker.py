"""What the breaker promises, with many calls at once and errors of every kind."""

import asyncio

import pytest
from circuitbreaker import CircuitBreakerMonitor

from app.breaker import CircuitBreakerError, LinkBreaker
from tests.support import BrokenError, Clock, Pending, RefusedError, breaker, outcome

pytestmark = pytest.mark.anyio


async def opened(clock: Clock, **settings: float) -> LinkBreaker:
    it = breaker(clock, **settings)
    for _ in range(3):
        await outcome(it, BrokenError)
    assert it.state == "open"
    return it


async def test_failures_in_a_row_open_it_and_a_success_between_them_does_not() -> None:
    it = breaker(Clock())
    for error in (BrokenError, BrokenError, None, BrokenError, BrokenError):
        await outcome(it, error)
    assert it.state == "closed"
    await outcome(it, BrokenError)
    assert it.state == "open"


@pytest.mark.parametrize("error", [RefusedError, asyncio.CancelledError])
async def test_what_is_neither_success_nor_failure_leaves_the_count_alone(
    error: type[BaseException],
) -> None:
    it = breaker(Clock())
    for each in (BrokenError, BrokenError, error, BrokenError):
        await outcome(it, each)
    assert it.state == "open"
    assert it.calls["ignored"] == 1


async def test_a_share_of_failures_opens_it_from_so_many_calls_on() -> None:
    it = breaker(Clock(), consecutive_failures=None, failure_rate=50.0, minimum_calls=4)
    for error in (BrokenError, BrokenError, None):
        await outcome(it, error)
    assert it.state == "closed"
    await outcome(it)
    assert it.state == "open"


async def test_only_the_last_calls_are_in_a_window_of_calls() -> None:
    it = breaker(
        Clock(), consecutive_failures=None, failure_rate=75.0, window_calls=4, minimum_calls=4
    )
    for error in (BrokenError, BrokenError, None, None, None, BrokenError, BrokenError):
        await outcome(it, error)
    assert it.snapshot()["failure_rate_percent"] == 50.0
    assert it.snapshot()["buffered_calls"] == 4
    await outcome(it, BrokenError)
    assert it.state == "open"


async def test_only_recent_calls_are_in_a_window_of_time() -> None:
    clock = Clock()
    it = breaker(
        clock,
        consecutive_failures=None,
        failure_rate=50.0,
        window_calls=None,
        window_s=5.0,
        minimum_calls=3,
    )
    await outcome(it, BrokenError)
    await outcome(it, BrokenError)
    clock.now += 5.0
    await outcome(it, BrokenError)
    assert (it.state, it.snapshot()["buffered_calls"]) == ("closed", 1)
    await outcome(it, BrokenError)
    await outcome(it, BrokenError)
    assert it.state == "open"


async def test_slow_calls_open_it_though_they_succeed() -> None:
    clock = Clock()
    it = breaker(clock, slow_call_s=0.5, slow_call_rate=50.0, minimum_calls=2)
    calls = [await Pending(it).begin() for _ in range(2)]
    clock.now += 0.5
    for call in calls:
        await call.end()
    assert it.state == "open"
    assert it.calls["slow"] == 2


async def test_an_open_breaker_calls_nobody_until_its_time_is_over() -> None:
    clock = Clock()
    it = await opened(clock)
    with pytest.raises(CircuitBreakerError):
        await outcome(it)
    clock.now += 9.9
    assert it.snapshot()["open_remaining_ms"] == 100
    clock.now += 0.1
    assert it.state == "half_open"
    assert it.calls["rejected"] == 1


async def test_half_open_lets_a_bounded_number_of_fifty_calls_through() -> None:
    clock = Clock()
    it = await opened(clock)
    clock.now += 10
    calls = [await Pending(it).begin() for _ in range(50)]
    rejected = [call for call in calls if call.task.done()]
    assert len(rejected) == 48
    for call in rejected:
        assert isinstance(call.task.exception(), CircuitBreakerError)
    for call in calls:
        await call.end()
    assert it.state == "closed"


async def test_every_trial_must_succeed() -> None:
    clock = Clock()
    it = await opened(clock)
    clock.now += 10
    first, second = [await Pending(it).begin() for _ in range(2)]
    await first.end()
    assert it.state == "half_open"
    await second.end(BrokenError())
    assert it.state == "open"
    assert it.open_remaining == 10


async def test_a_slow_trial_is_no_success() -> None:
    clock = Clock()
    it = await opened(clock, slow_call_s=1.0)
    clock.now += 10
    trial = await Pending(it).begin()
    clock.now += 1
    await trial.end()
    assert it.state == "open"


async def test_a_cancelled_trial_gives_its_place_back_and_closes_nothing() -> None:
    clock = Clock()
    it = await opened(clock)
    clock.now += 10
    trials = [await Pending(it).begin() for _ in range(2)]
    for trial in trials:
        trial.task.cancel()
    await asyncio.gather(*(it.task for it in trials), return_exceptions=True)
    assert it.state == "half_open"
    await outcome(it)
    await outcome(it)
    assert it.state == "closed"


async def test_calls_from_before_it_opened_change_nothing() -> None:
    clock = Clock()
    it = breaker(clock)
    late = [await Pending(it).begin() for _ in range(4)]
    for _ in range(3):
        await outcome(it, BrokenError)
    clock.now += 6
    await late[0].end(BrokenError())
    await late[1].end()
    assert (it.state, it.open_remaining) == ("open", 4)
    clock.now += 4
    await late[2].end(BrokenError())
    await late[3].end()
    assert it.state == "half_open"


async def test_no_open_time_means_no_open_time() -> None:
    it = breaker(Clock(), open_s=0.0)
    for _ in range(3):
        await outcome(it, BrokenError)
    assert it.state == "half_open"


async def test_it_counts_threads_as_well_as_tasks() -> None:
    it = breaker(Clock(), consecutive_failures=None, failure_rate=100.0, window_calls=500)

    def many() -> None:
        for _ in range(100):
            it.call(lambda: None)

    await asyncio.gather(*(asyncio.to_thread(many) for _ in range(4)))
    assert it.calls["success"] == it.snapshot()["buffered_calls"] == 400


async def test_a_guarded_function_is_refused_and_counted_too() -> None:
    it = await opened(Clock())

    @it
    async def guarded() -> None:
        raise AssertionError

    with pytest.raises(CircuitBreakerError):
        await guarded()
    assert it.calls["rejected"] == 1


async def test_the_packages_own_monitor_knows_it_and_with_is_refused() -> None:
    it = await opened(Clock())
    assert it in CircuitBreakerMonitor.get_open()
    with pytest.raises(TypeError), it:
        pass
    it.reset()
    assert it.state == "closed"
