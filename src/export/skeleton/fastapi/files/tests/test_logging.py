"""What the log says."""

import io
import json
import logging
import re
from typing import Any

from app.context import current, of_headers
from app.logging_setup import EcsFormatter


def written(write: Any) -> dict[str, Any]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(EcsFormatter("orders"))
    logger = logging.Logger("orders.test")
    logger.addHandler(handler)
    write(logger)
    (line,) = stream.getvalue().splitlines()
    entry: dict[str, Any] = json.loads(line)
    return entry


def test_a_line_is_one_object_with_the_names_of_the_schema() -> None:
    entry = written(lambda it: it.info("a\nb %s", "ü", extra={"fields": {"url.path": "/x"}}))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", entry["@timestamp"])
    assert (entry["log.level"], entry["message"]) == ("info", "a\nb ü")
    assert (entry["service.name"], entry["url.path"]) == ("orders", "/x")
    assert entry["ecs.version"]
    assert "trace.id" not in entry


def test_a_line_of_a_request_has_its_id_and_its_trace() -> None:
    current.set(of_headers("request-1", f"00-{'a' * 32}-{'b' * 16}-01"))
    entry = written(lambda it: it.warning("x"))
    assert (entry["http.request.id"], entry["trace.id"]) == ("request-1", "a" * 32)


def test_an_error_is_told_with_its_kind_and_where_it_came_from() -> None:
    def write(logger: logging.Logger) -> None:
        try:
            raise KeyError("gone")
        except KeyError:
            logger.exception("failed")

    entry = written(write)
    assert (entry["error.type"], entry["error.message"]) == ("KeyError", "'gone'")
    assert "test_logging.py" in entry["error.stack_trace"]


def test_ids_that_are_not_well_formed_are_replaced() -> None:
    for request_id in ("short", "x" * 129, "with space", "new\nline-12", None):
        assert re.fullmatch(r"[0-9a-f]{32}", of_headers(request_id).request_id)
    zero, span = "0" * 32, "b" * 16
    for trace in (None, "", f"00-{zero}-{span}-01", f"ff-{'a' * 32}-{span}-01", "00-a-b-01"):
        assert of_headers("request-1", trace).trace_id not in (zero, "a" * 32)
