"""The breaker of one link, on top of the package `circuitbreaker`.

The package counts failures in a row and knows no window. Beyond that, its version 2.1.3
forgets its count at any exception that is not a failure, lets every waiting call through
while half-open, closes when a trial is cancelled, and stays open longer with each late
failure of a call from before. So names, errors and the monitor are the package's, and the
counting is here:

* a share of failed or slow calls in a window, failures in a row, or both, open it;
* what is neither success nor failure (4xx, a cancelled call) changes nothing;
* while half-open, a bounded number of trials goes through, and all must succeed;
* a call that began before the last change of state does not count.

State lives in this process alone: each replica and each worker has its own.
"""

import threading
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from functools import wraps
from inspect import isasyncgenfunction, iscoroutinefunction, isgeneratorfunction
from typing import Any, NamedTuple, NoReturn

from circuitbreaker import (
    STATE_CLOSED,
    STATE_HALF_OPEN,
    STATE_OPEN,
    CircuitBreaker,
    CircuitBreakerError,
    CircuitBreakerMonitor,
)

from app.settings import BreakerSettings

__all__ = ["OUTCOMES", "STATES", "CircuitBreakerError", "LinkBreaker"]

STATES = (STATE_CLOSED, STATE_OPEN, STATE_HALF_OPEN)
OUTCOMES = ("success", "failure", "rejected", "slow", "ignored")

IsFailure = Callable[[type[BaseException], BaseException], bool]
OnChange = Callable[["LinkBreaker", str, str], None]


class _Permit(NamedTuple):
    """Leave to make one call."""

    period: int
    began: float


class _Seen(NamedTuple):
    """A call that counts."""

    at: float
    failed: bool
    slow: bool


class LinkBreaker(CircuitBreaker):  # type: ignore[misc]  # the package has no types
    """Stops calling what keeps failing. Safe for tasks and for threads."""

    _state: str
    _opened: float
    _failure_count: int
    _last_failure: BaseException | None

    def __init__(
        self,
        settings: BreakerSettings,
        is_failure: IsFailure,
        *,
        clock: Callable[[], float] = time.monotonic,
        on_change: OnChange | None = None,
    ) -> None:
        super().__init__(name=settings.name, expected_exception=is_failure)
        self._settings = settings
        self._clock = clock
        self._on_change = on_change
        self._lock = threading.RLock()
        self._period = 0
        self._trials = 0
        self._passed = 0
        self._window: deque[_Seen] = deque()
        self._failed = 0
        self._slow = 0
        self.calls: Counter[str] = Counter(dict.fromkeys(OUTCOMES, 0))
        CircuitBreakerMonitor.register(self)

    # Calls

    async def call_async(
        self, func: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any
    ) -> Any:
        """Makes one call, or raises CircuitBreakerError without making it."""
        permit = self._enter()
        try:
            result = await func(*args, **kwargs)
        except BaseException as error:
            self._leave(permit, error)
            raise
        self._leave(permit, None)
        return result

    def call(self, func: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Makes one call that blocks, or raises CircuitBreakerError without making it."""
        permit = self._enter()
        try:
            result = func(*args, **kwargs)
        except BaseException as error:
            self._leave(permit, error)
            raise
        self._leave(permit, None)
        return result

    def decorate(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Guards a function; the package's own wrapper would not count what it refuses."""
        if isgeneratorfunction(function) or isasyncgenfunction(function):
            raise TypeError("a generator has no one moment in which it failed")
        if iscoroutinefunction(function):

            @wraps(function)
            async def guarded_async(*args: Any, **kwargs: Any) -> Any:
                return await self.call_async(function, *args, **kwargs)

            return guarded_async

        @wraps(function)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            return self.call(function, *args, **kwargs)

        return guarded

    def __enter__(self) -> NoReturn:
        # Calls under way at once cannot be told apart in a `with`.
        raise TypeError("use call or call_async")

    # State

    @property
    def state(self) -> str:
        """closed, open or half_open."""
        with self._lock:
            is_over = self._state == STATE_OPEN and self.open_remaining <= 0
            state: str = STATE_HALF_OPEN if is_over else self._state
            return state

    @property
    def open_remaining(self) -> float:
        """Seconds until it tries again."""
        return max(0.0, self._opened + self._settings.open_s - self._clock())

    def reset(self) -> None:
        """Closes it, whatever it has seen."""
        with self._lock:
            self._move(STATE_CLOSED)
            self._last_failure = None

    def snapshot(self) -> dict[str, Any]:
        """What it has seen, for /breakers."""
        with self._lock:
            self._forget()
            state, seen = self.state, len(self._window)
            return {
                "name": self.name,
                "state": state,
                "failure_rate_percent": _percent(self._failed, seen),
                "slow_call_rate_percent": _percent(self._slow, seen),
                "buffered_calls": seen,
                "consecutive_failures": self.failure_count,
                "not_permitted_calls": self.calls["rejected"],
                "open_remaining_ms": (
                    round(self.open_remaining * 1000) if state == STATE_OPEN else 0
                ),
                "last_failure": type(self._last_failure).__name__ if self._last_failure else None,
            }

    def _enter(self) -> _Permit:
        with self._lock:
            state = self.state
            if state == STATE_HALF_OPEN and self._state == STATE_OPEN:
                self._move(STATE_HALF_OPEN)
            is_full = self._trials >= self._settings.half_open_calls
            if state == STATE_OPEN or (state == STATE_HALF_OPEN and is_full):
                self.calls["rejected"] += 1
                raise CircuitBreakerError(self)
            if state == STATE_HALF_OPEN:
                self._trials += 1
            return _Permit(self._period, self._clock())

    def _leave(self, permit: _Permit, error: BaseException | None) -> None:
        failed = isinstance(error, Exception) and self.is_failure(type(error), error)
        with self._lock:
            now = self._clock()
            limit = self._settings.slow_call_s
            is_ignored = error is not None and not failed
            slow = not is_ignored and limit is not None and now - permit.began >= limit
            self.calls[_outcome(ignored=is_ignored, failed=failed, slow=slow)] += 1
            if permit.period != self._period:
                return
            if is_ignored:
                self._trials -= self._state == STATE_HALF_OPEN
                return
            self._failure_count = self._failure_count + 1 if failed else 0
            if failed:
                self._last_failure = error
            if self._state == STATE_HALF_OPEN:
                self._weigh_trial(good=not failed and not slow)
                return
            self._window.append(_Seen(now, failed, slow))
            self._failed += failed
            self._slow += slow
            self._forget()
            if self._must_open():
                self._move(STATE_OPEN)

    def _weigh_trial(self, *, good: bool) -> None:
        if not good:
            self._move(STATE_OPEN)
            return
        self._passed += 1
        if self._passed >= self._settings.half_open_calls:
            self._move(STATE_CLOSED)

    def _forget(self) -> None:
        """Drops what has left the window."""
        most, seconds = self._settings.window_calls, self._settings.window_s
        since = None if seconds is None else self._clock() - seconds
        while self._window and (
            (most is not None and len(self._window) > most)
            or (since is not None and self._window[0].at <= since)
        ):
            gone = self._window.popleft()
            self._failed -= gone.failed
            self._slow -= gone.slow

    def _must_open(self) -> bool:
        settings, seen = self._settings, len(self._window)
        row = settings.consecutive_failures
        if row is not None and self.failure_count >= row:
            return True
        if seen < settings.minimum_calls:
            return False
        rate = settings.failure_rate
        if rate is not None and self._failed and self._failed * 100 >= rate * seen:
            return True
        return bool(self._slow) and self._slow * 100 >= settings.slow_call_rate * seen

    def _move(self, state: str) -> None:
        """Every state starts with nothing seen."""
        before, self._state = self._state, state
        self._period += 1
        self._trials = self._passed = 0
        self._window.clear()
        self._failed = self._slow = 0
        if state == STATE_OPEN:
            self._opened = self._clock()
        elif state == STATE_CLOSED:
            self._failure_count = 0
        if before != state and self._on_change is not None:
            self._on_change(self, before, state)


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 2) if whole else None


def _outcome(*, ignored: bool, failed: bool, slow: bool) -> str:
    if ignored:
        return "ignored"
    if failed:
        return "failure"
    return "slow" if slow else "success"
