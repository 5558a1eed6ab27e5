"""Which request is being worked on, for its log lines and the calls it makes."""

import re
import secrets
import uuid
from contextvars import ContextVar
from dataclasses import dataclass

REQUEST_ID_HEADER = "X-Request-ID"

# Anything else could forge a log line or another system's header.
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,128}")
# https://www.w3.org/TR/trace-context/#traceparent-header
_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
# https://www.w3.org/TR/trace-context/#tracestate-header; no other character could be sent on.
_TRACESTATE = re.compile(r"[ -~\t]{1,512}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is passed on from the request to everything it causes."""

    request_id: str
    trace_id: str
    trace_flags: str = "01"
    trace_state: str | None = None

    def headers(self) -> dict[str, str]:
        """The headers of a call that this request makes."""
        span = secrets.token_hex(8)
        headers = {
            REQUEST_ID_HEADER: self.request_id,
            "traceparent": f"00-{self.trace_id}-{span}-{self.trace_flags}",
        }
        if self.trace_state:
            headers["tracestate"] = self.trace_state
        return headers


def of_headers(
    request_id: str | None = None, traceparent: str | None = None, tracestate: str | None = None
) -> Request:
    """Takes over what the caller says where it is well-formed, else makes it up."""
    if request_id is None or not _REQUEST_ID.fullmatch(request_id):
        request_id = uuid.uuid4().hex
    match = _TRACEPARENT.fullmatch(traceparent or "")
    if match is None or not match[1].strip("0") or not match[2].strip("0"):
        return Request(request_id=request_id, trace_id=secrets.token_hex(16))
    if tracestate is not None and not _TRACESTATE.fullmatch(tracestate):
        tracestate = None
    return Request(
        request_id=request_id, trace_id=match[1], trace_flags=match[3], trace_state=tracestate
    )


current: ContextVar[Request | None] = ContextVar("current", default=None)
