"""Every request: its id, its trace, its log line and its metrics."""

import logging
import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.context import REQUEST_ID_HEADER, current, of_headers
from app.metrics import Metrics

log = logging.getLogger("app.access")


class Observe:
    """The outermost layer. Not a decorated middleware: those lose the context of a request
    whose client goes away."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics, own_paths: frozenset[str]) -> None:
        self._app = app
        self._metrics = metrics
        self._own_paths = own_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request = of_headers(
            headers.get(REQUEST_ID_HEADER), headers.get("traceparent"), headers.get("tracestate")
        )
        token = current.set(request)
        status: int | None = None
        start = time.perf_counter_ns()

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = request.request_id
            await send(message)

        try:
            try:
                await self._app(scope, receive, send_with_id)
            except Exception:
                log.exception("a request failed")
                if status is not None:
                    raise  # half an answer is out: the connection must break
                error = JSONResponse({"detail": "Internal Server Error"}, status_code=500)
                await error(scope, receive, send_with_id)
        finally:
            # Ended before its answer, as its client went away or the service was stopped:
            # 499, as nginx says.
            self._note(scope, status or 499, time.perf_counter_ns() - start)
            current.reset(token)

    def _note(self, scope: Scope, status: int, nanoseconds: int) -> None:
        if scope["path"] in self._own_paths and status < 400:
            return  # probes and scrapes would drown what users see
        route = getattr(scope.get("route"), "path", "unmatched")
        self._metrics.count(scope["method"], route, status, nanoseconds / 1e9)
        fields = {
            "http.request.method": scope["method"],
            "url.path": scope["path"],
            "http.response.status_code": status,
            "event.duration": nanoseconds,
        }
        level = logging.ERROR if status >= 500 else logging.INFO
        log.log(level, "%s %s", scope["method"], route, extra={"fields": fields})
