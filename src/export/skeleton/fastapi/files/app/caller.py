"""Calls another service: limited, guarded by its breaker, each attempt with its timeout."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from app.breaker import CircuitBreakerError, LinkBreaker
from app.context import current
from app.logging_setup import error_fields
from app.settings import Link, LinkSettings

__all__ = ["BulkheadFullError", "Caller", "CircuitBreakerError", "NotConfiguredError", "is_failure"]

log = logging.getLogger(__name__)

# https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2
IDEMPOTENT_METHODS = {"GET", "HEAD", "OPTIONS", "PUT", "DELETE"}

Sleep = Callable[[float], Awaitable[None]]
Uniform = Callable[[float, float], float]


class BulkheadFullError(Exception):
    """As many calls are under way as may be."""


class NotConfiguredError(Exception):
    """Nobody said where the other service is."""


def is_failure(kind: type[BaseException], error: BaseException) -> bool:
    """Whether an error speaks against the other service: timeouts, broken connections and
    5xx do; 4xx is the caller's own fault, and a cancelled call says nothing."""
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code >= 500
    return issubclass(kind, httpx.RequestError)


class Caller:
    """The client of one link."""

    def __init__(
        self,
        link: Link,
        settings: LinkSettings,
        client: httpx.AsyncClient,
        breaker: LinkBreaker | None,
        *,
        sleep: Sleep = asyncio.sleep,
        uniform: Uniform | None = None,
    ) -> None:
        self.link = link
        self.settings = settings
        self.breaker = breaker
        self._client = client
        self._sleep = sleep
        self._uniform = uniform or random.SystemRandom().uniform
        self._under_way = 0

    async def request(
        self,
        method: str | None = None,
        path: str | None = None,
        *,
        json: Any = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Asks, and asks again after a failure where asking twice does no harm.

        Raises CircuitBreakerError, BulkheadFullError, NotConfiguredError, or what httpx raises.
        """
        method = method or self.link.method
        failed = 0
        while True:
            try:
                return await self._attempt(method, path or self.link.path, json, headers)
            except Exception as error:
                if isinstance(error, httpx.HTTPError):
                    self._log_failure(error, failed + 1)
                if not is_failure(type(error), error) or failed >= self._repeats(method):
                    raise
            await self._sleep(self._wait(failed))
            failed += 1

    async def _attempt(
        self, method: str, path: str, json: Any, headers: dict[str, str] | None
    ) -> httpx.Response:
        limit = self.settings.bulkhead
        if limit is not None and self._under_way >= limit:
            # Before the breaker, so that our own limit says nothing about the other side.
            raise BulkheadFullError(f"{limit} calls of {self.link.name} are under way")
        self._under_way += 1
        try:
            if self.breaker is None:
                return await self._send(method, path, json, headers)
            response: httpx.Response = await self.breaker.call_async(
                self._send, method, path, json, headers
            )
            return response
        finally:
            self._under_way -= 1

    async def _send(
        self, method: str, path: str, json: Any, headers: dict[str, str] | None
    ) -> httpx.Response:
        if self.settings.url is None:
            raise NotConfiguredError(f"{self.link.address} is not set")
        request = current.get()
        passed_on = request.headers() if request else {}
        try:
            # httpx limits each wait; this limits the attempt as a whole.
            async with asyncio.timeout(self.settings.timeout_s):
                response = await self._client.request(
                    method,
                    self.settings.url + path,
                    json=json,
                    headers={**(headers or {}), **passed_on},
                    timeout=None,
                )
        except TimeoutError as error:
            raise httpx.ReadTimeout(f"no answer in {self.settings.timeout_s} s") from error
        if response.is_error:
            response.raise_for_status()
        return response

    def _repeats(self, method: str) -> int:
        """Further attempts that a call may have."""
        is_idempotent = self.link.idempotent
        if is_idempotent is None:
            is_idempotent = method in IDEMPOTENT_METHODS
        return self.settings.retries.count if is_idempotent else 0

    def _wait(self, failed: int) -> float:
        """Seconds before the next attempt: doubled each time, capped, and anything below, so
        that callers that failed together do not come back together."""
        retries = self.settings.retries
        longest = retries.backoff_s * 2.0 ** min(failed, 63)
        if retries.max_backoff_s is not None:
            longest = min(longest, retries.max_backoff_s)
        return self._uniform(0.0, longest) if retries.jitter else longest

    def _log_failure(self, error: httpx.HTTPError, attempt: int) -> None:
        fields = {"service.target.name": self.link.name, **error_fields(error)}
        if isinstance(error, httpx.HTTPStatusError):
            # Its own text has the whole address.
            fields["error.message"] = f"answered {error.response.status_code}"
        log.warning("attempt %d of a call failed", attempt, extra={"fields": fields})
