"""What the catalogue says of a design: its tables, read back."""

import os
import re

TARGET = "docs"


def read(folder):
    """Title, first paragraphs, and each table by its heading as a list of rows."""
    with open(os.path.join(folder, "docs/ARCHITECTURE.md"), encoding="utf-8") as file:
        text = file.read()
    view = {"title": re.search(r"^# (.*)$", text, re.M)[1], "text": text}
    for part in re.split(r"^## ", text, flags=re.M)[1:]:
        heading, _, body = part.partition("\n")
        lines = [it for it in body.splitlines() if it.startswith("| ")]
        rows = [[plain(cell) for cell in it[2:-2].split(" | ")] for it in lines]
        view[heading] = [dict(zip(rows[0], row, strict=True)) for row in rows[2:]]
    return view


def plain(cell):
    cell = re.sub(r"&#(\d+);", lambda it: chr(int(it[1])), cell)
    return re.sub(r"\\(.)", r"\1", cell).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def cell(heading, column, **wanted):
    def get(view):
        for row in view[heading]:
            if all(row[key] == value for key, value in wanted.items()):
                return row[column]
        raise KeyError(f"{heading} has no {wanted}")
    return get


def boundary(column):
    return cell("Boundaries", column, boundary="Ordering Context")


def orders(column):
    return cell("Services", column, service="Orders Display")


def call(column):
    return cell("Calls", column, **{"from": "Orders Display", "to": "payments"})


def protected(column, part=None):
    whole = cell("Protection", column, call="Orders Display → payments")
    return whole if part is None else lambda view: part in whole(view).split(", ")


def route(column):
    return cell("Routes", column, path="odd.example.com/odd-orders")


EXPECTED = {
    "name": (lambda view: view["title"], "Odd Numbers"),
    "description": (lambda view: "Every field of a design, set to a value" in view["text"], True),
    "ci": (lambda view: "shipped by GitHub Actions." in view["text"], True),
    "boundary.name": (boundary("boundary"), "Ordering Context"),
    "boundary.team": (boundary("team"), "checkout-team"),
    "boundary.purpose": (boundary("purpose"), "Takes orders and money"),
    "boundary.parent": (boundary("inside"), "Outer Context"),
    "boundary.entities": (boundary("owns"), "Order, Payment"),
    "service.name": (orders("service"), "Orders Display"),
    "service.kind": (orders("kind"), "Service"),
    "service.boundary": (orders("boundary"), "Ordering Context"),
    "service.public": (orders("public"), "yes"),
    "service.description": (orders("what it does"), "Takes an order and keeps it"),
    "service.owner": (orders("owner"), "orders-owner"),
    "service.technology": (cell("Services", "technology", service="payments"), "Spring Boot"),
    "service.ports.number": (orders("ports"), "5011 HTTP, 5019 HTTP"),
    "service.ports.protocol": (orders("ports"), "5011 HTTP, 5019 HTTP"),
    "service.ports.published": (cell("Services", "ports", service="gateway"), "8081 HTTP as 8099"),
    "service.operations.name": (cell("Operations", "operation", service="Orders Display"), "Place order"),
    "service.operations.method": (cell("Operations", "method", service="Orders Display"), "POST"),
    "service.operations.path": (cell("Operations", "path", service="Orders Display"), "/odd-orders/{id}"),
    "service.operations.kind": (cell("Operations", "kind", service="Orders Display"), "command"),
    "service.entities": (orders("owns"), "Order"),
    "service.replicas": (orders("replicas"), "7"),
    "service.resources.cpu_millis": (orders("processors"), "1307 m"),
    "service.resources.memory_mib": (orders("memory"), "313 MiB"),
    "service.health.path": (orders("health"), "/odd-health"),
    "service.metrics_path": (orders("metrics"), "/odd-metrics"),
    "service.log_format": (orders("log"), "json"),
    "service.availability_percent": (orders("availability"), "99.37 %"),
    "service.slo_percent": (orders("SLO"), "99.83 %"),
    "service.criticality": (orders("criticality"), "3"),
    "dependency.from": (call("from"), "Orders Display"),
    "dependency.to": (call("to"), "payments"),
    "dependency.mode": (call("mode"), "sync"),
    "dependency.access": (call("does"), "call"),
    "dependency.protocol": (call("protocol"), "http"),
    "dependency.operation": (call("operation"), "odd-operation"),
    "dependency.description": (call("what for"), "an odd description of a call"),
    "dependency.hard": (call("is"), "needed"),
    "dependency.calls_per_request": (call("calls per request"), "1.25"),
    "dependency.idempotent": (call("idempotent"), "yes"),
    "dependency.dynamic_discovery": (call("found at run time"), "yes"),
    "dependency.p99_ms": (call("p99"), "211 ms"),
    "dependency.timeout_ms": (protected("timeout"), "733 ms"),
    "dependency.retries.count": (protected("retries"), "2, after 47 ms, at most 977 ms, jitter"),
    "dependency.retries.backoff_ms": (protected("retries", "after 47 ms"), True),
    "dependency.retries.max_backoff_ms": (protected("retries", "at most 977 ms"), True),
    "dependency.retries.jitter": (protected("retries", "jitter"), True),
    "dependency.breaker.failure_rate_percent": (protected("breaker", "37.5 % failed"), True),
    "dependency.breaker.consecutive_failures": (protected("breaker", "6 failures in a row"), True),
    "dependency.breaker.window_calls": (protected("breaker", "of 47 calls"), True),
    "dependency.breaker.window_ms": (protected("breaker", "within 9001 ms"), True),
    "dependency.breaker.minimum_calls": (protected("breaker", "from 13 calls on"), True),
    "dependency.breaker.slow_call_ms": (protected("breaker", "61.25 % slower than 523 ms"), True),
    "dependency.breaker.slow_call_rate_percent": (protected("breaker", "61.25 % slower than 523 ms"), True),
    "dependency.breaker.open_ms": (protected("breaker", "open 8123 ms"), True),
    "dependency.breaker.half_open_calls": (protected("breaker", "2 trials"), True),
    "dependency.breaker.name": (protected("breaker", "called odd-breaker"), True),
    "dependency.bulkhead": (protected("bulkhead"), "19 at once"),
    "dependency.fallback.description": (protected("fallback"), "an odd fallback"),
    "route.gateway": (route("gateway"), "gateway"),
    "route.host": (route("path"), "odd.example.com/odd-orders"),
    "route.path_prefix": (route("path"), "odd.example.com/odd-orders"),
    "route.methods": (route("methods"), "GET, POST"),
    "route.service": (route("goes to"), "Orders Display port 5019"),
    "route.port": (route("goes to"), "Orders Display port 5019"),
    "route.strip_prefix": (route("prefix taken off"), "yes"),
    "route.timeout_ms": (route("timeout"), "1237 ms"),
    "route.body_limit_kib": (route("body"), "129 KiB"),
    "route.rate_limit.requests_per_second": (route("rate"), "23 per second, burst 29"),
    "route.rate_limit.burst": (route("rate"), "23 per second, burst 29"),
    "route.authentication": (route("who may"), "JWT"),
    "route.cors.origins": (route("pages that may"), "https://odd-origin.example.com, with cookies"),
    "route.cors.credentials": (route("pages that may"), "https://odd-origin.example.com, with cookies"),
}
