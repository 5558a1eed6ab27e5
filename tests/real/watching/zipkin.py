#!/usr/bin/env python3
"""Observed calls from a real Zipkin: `source: zipkin`.

usage: zipkin.py MESHBOARD ZIPKIN_JAR

The server keeps its traces in memory. Spans of three calls are sent: two that are drawn,
one of them failing half the time, and one that nobody drew; a fourth that is drawn is
not called.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request

from common import finish, free_port, project, report
from sources import get, once, until

import gateway

SERVICES = {name: {"kind": "service"} for name in ("shop", "orders", "payments-service", "stock")}
DEPENDENCIES = {
    "shop-orders": {"from": "shop", "to": "orders", "protocol": "http"},
    "orders-payments": {"from": "orders", "to": "payments-service", "protocol": "http"},
    "orders-stock": {"from": "orders", "to": "stock", "protocol": "http"},
}


def spans(number, caller, callee, is_failed):
    """Both sides of one call, as their libraries would send them."""
    trace, span = f"{number + 1:032x}", f"{number + 1:016x}"
    start = int(time.time() * 1e6) - 1_000_000
    tags = {"error": "500"} if is_failed else {}
    shared = {"traceId": trace, "id": span, "timestamp": start, "duration": 2000, "tags": tags}
    return [{**shared, "kind": "CLIENT", "name": "get", "localEndpoint": {"serviceName": caller}},
            {**shared, "kind": "SERVER", "shared": True, "name": "get", "localEndpoint": {"serviceName": callee}}]


def send(port, all_of_them):
    request = urllib.request.Request(f"http://127.0.0.1:{port}/api/v2/spans", json.dumps(all_of_them).encode(),
                                     {"Content-Type": "application/json"}, method="POST")
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.status == 202


def check(meshboard, port, folder):
    source = {"kind": "zipkin", "address": f"http://127.0.0.1:{port}", "interval_ms": 1000, "window_seconds": 600}
    file = project(SERVICES, DEPENDENCIES, {"sources": {"traces": source}}, folder)
    said = once(meshboard, file)
    report(said["sources"]["traces"]["reach"] == "ok" and said["traffic"] == [],
           "a Zipkin without traces tells of no calls", said["sources"])
    number = 0
    for caller, callee, failures in (("shop", "Orders", 0), ("orders", "payments", 5), ("orders", "ledger", 0)):
        for call in range(10):
            send(port, spans(number, caller, callee, call < failures))
            number += 1
    until(15, lambda: len(json.loads(get(f"http://127.0.0.1:{port}/api/v2/dependencies?"
                                         f"endTs={int(time.time() * 1000)}&lookback=600000"))) == 3)
    said = once(meshboard, file)
    seen = {(it["from"], it["to"]): it for it in said["traffic"]}
    report(set(seen) == {("shop", "orders"), ("orders", "payments-service")},
           "calls that were drawn are seen along their dependency, by other names too", said["traffic"])
    failing = seen.get(("orders", "payments-service"), {})
    report(failing.get("error_share") == 0.5, "the share of calls that failed is told", failing)
    report(failing.get("rate_per_second", 0) is None and failing.get("window_seconds") == 600,
           "no rate is made up from sampled traces", failing)
    report([(it["from"], it["to"], it["from_service"], it["to_service"]) for it in said["undrawn"]]
           == [("orders", "ledger", "orders", None)], "a call that nobody drew is shown", said["undrawn"])
    traces = said["sources"]["traces"]
    report((traces["known"], traces["all"]) == (2, 3), "how many of the calls the design knows", traces)


def main():
    meshboard, jar = sys.argv[1:3]
    port = free_port()
    environment = {**os.environ, "QUERY_PORT": str(port), "STORAGE_TYPE": "mem", "SCRIBE_ENABLED": "false"}
    with tempfile.TemporaryDirectory(prefix="meshboard-zipkin-") as folder:
        with open(os.path.join(folder, "zipkin.log"), "wb") as log:
            server = subprocess.Popen(["java", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-jar", jar], env=environment,
                                      stdout=log, stderr=subprocess.STDOUT)
        try:
            is_up = until(90, lambda: "UP" in get(f"http://127.0.0.1:{port}/health"))
            report(bool(is_up), "Zipkin runs", "not within 90 s")
            if is_up:
                check(meshboard, port, folder)
                address = f"http://127.0.0.1:{port}"
        finally:
            gateway.stop(server)
        source = {"kind": "zipkin", "address": address, "interval_ms": 1000}
        said = once(meshboard, project(SERVICES, DEPENDENCIES, {"sources": {"traces": source}}, folder))
        report(said["sources"]["traces"]["reach"] == "refused", "a Zipkin that is gone is said to be gone",
               said["sources"])
    finish()


if __name__ == "__main__":
    main()
