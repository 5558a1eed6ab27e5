"""One JSON object a line on stdout, with the names of the Elastic Common Schema.

https://www.elastic.co/docs/reference/ecs
"""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

from app.context import current

ECS_VERSION = "8.11.0"


class EcsFormatter(logging.Formatter):
    """Writes a record as JSON; `extra={"fields": {...}}` adds fields to it."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        entry: dict[str, Any] = {
            "@timestamp": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "log.level": record.levelname.lower(),
            "message": record.getMessage(),
            "ecs.version": ECS_VERSION,
            "service.name": self._service,
            "log.logger": record.name,
        }
        request = current.get()
        if request is not None:
            entry["trace.id"] = request.trace_id
            entry["http.request.id"] = request.request_id
        if record.exc_info and record.exc_info[1] is not None:
            entry.update(error_fields(record.exc_info[1]))
            entry["error.stack_trace"] = self.formatException(record.exc_info)
        entry.update(getattr(record, "fields", {}))
        return json.dumps(entry, default=str, ensure_ascii=False)


def error_fields(error: BaseException) -> dict[str, str]:
    """An error in the words of the schema."""
    return {"error.type": type(error).__name__, "error.message": str(error)}


def configure(service: str, level: str = "INFO") -> None:
    """Sends every log line of the process to stdout."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(EcsFormatter(service))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.captureWarnings(True)
    for name in ("uvicorn", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    # The line of a request is written where its route and its time are known.
    access = logging.getLogger("uvicorn.access")
    access.handlers.clear()
    access.propagate = False
    # Its lines have whole addresses, which may carry what is secret.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("httpcore").setLevel(logging.WARNING)
