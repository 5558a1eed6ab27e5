#!/usr/bin/env python3
"""Watches a design through a real Prometheus that scrapes real targets.

usage: prometheus.py MESHBOARD [PROMETHEUS]

The targets are small programs whose metrics look like those of Istio, Linkerd, Tempo's
service graphs, Envoy, Resilience4j and the blackbox exporter, and grow at known rates. One
is killed and comes back, one leaves for good. Everything runs on loopback addresses and
ports of this run's own. Prints one line per check and exits with 1 if one failed.
"""

import contextlib
import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request

from common import finish, free_port, project, report
from following import Following, once

import gateway

ADDRESS = gateway.GATEWAY
WINDOW = 10
STATES = ["closed", "open", "half_open"]


class Target:
    """A program with a metrics page; `page` is asked for its lines each time."""

    def __init__(self, page=lambda seconds: []):
        self.page, self.began, self.port = page, time.monotonic(), free_port(ADDRESS)
        self.start()

    def start(self):
        target = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                lines = target.page(time.monotonic() - target.began)
                body = ("\n".join(lines) + "\n").encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer((ADDRESS, self.port), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def kill(self):
        self.server.shutdown()
        self.server.server_close()

    def address(self):
        return f"{ADDRESS}:{self.port}"


def series(name, value, /, **labels):
    inside = ",".join(f'{key}="{it}"' for key, it in labels.items())
    return f"{name}{{{inside}}} {value:.3f}"


def buckets(name, count, bounds, /, **labels):
    """All took the time of the one bucket from `bounds[0]` to `bounds[1]`."""
    low, high = bounds
    steps = [(low, 0.0), (high, count), ("+Inf", count)]
    return [series(f"{name}_bucket", value, le=bound, **labels) for bound, value in steps]


def istio(seconds):
    def edge(reporter, source, destination, rate, failed, bounds=(50, 100)):
        labels = {"reporter": reporter, "source_workload": source, "source_canonical_service": source,
                  "destination_service_name": destination, "destination_workload": f"{destination}-v1"}
        good = series("istio_requests_total", (rate - failed) * seconds, response_code=200, **labels)
        bad = series("istio_requests_total", failed * seconds, response_code=503, **labels)
        took = buckets("istio_request_duration_milliseconds", rate * seconds, bounds, **labels)
        return [good, bad, *took]

    return [
        *edge("source", "web", "orders", 20, 5),
        *edge("destination", "web", "orders", 19, 19, (900, 1000)),  # the same calls, seen by the callee
        *edge("destination", "cart", "orders", 5, 0),  # a caller without a sidecar
        *edge("source", "web", "stock", 0, 0),
        *edge("source", "web", "PassthroughCluster", 7, 0),
        *edge("destination", "unknown", "web", 7, 0),
    ]


def linkerd(seconds):
    labels = {"direction": "outbound", "deployment": "orders", "dst_service": "payments", "dst_namespace": "shop"}
    return [
        series("response_total", 7 * seconds, classification="success", status_code=200, **labels),
        series("response_total", 1 * seconds, classification="failure", status_code=500, **labels),
        series("response_total", 90 * seconds, **{**labels, "direction": "inbound"}, classification="success"),
        *buckets("response_latency_ms", 8 * seconds, (20, 30), **labels),
    ]


def tracing(seconds):
    def edge(client, server, rate, **more):
        labels = {"client": client, "server": server, **more}
        return [series("traces_service_graph_request_total", rate * seconds, **labels),
                *buckets("traces_service_graph_request_server_seconds", rate * seconds, (0.2, 0.4), **labels)]

    return [
        *edge("payments", "bank", 4, connection_type=""),
        *edge("payments", "mail", 1, connection_type="messaging_system"),
        *edge("user", "web", 9, connection_type="virtual_node"),
    ]


class Proxy:
    """The gateway's Envoy."""

    def __init__(self):
        self.is_full, self.ejected = True, 1

    def page(self, seconds):
        lines = []
        for cluster, rate in (("web", 30), ("cart", 2), ("xds_cluster", 1)):
            labels = {"envoy_cluster_name": cluster}
            lines += [
                series("envoy_cluster_upstream_rq_total", rate * seconds, **labels),
                series("envoy_cluster_upstream_rq_xx", rate * seconds * 0.1, envoy_response_code_class=5, **labels),
                series("envoy_cluster_upstream_rq_xx", rate * seconds * 0.9, envoy_response_code_class=2, **labels),
                *buckets("envoy_cluster_upstream_rq_time", rate * seconds, (5, 10), **labels),
                series("envoy_cluster_membership_total", 3, **labels),
            ]
        return [
            *lines,
            series("envoy_cluster_circuit_breakers_default_rq_pending_open", self.is_full, envoy_cluster_name="cart"),
            series("envoy_cluster_circuit_breakers_default_cx_open", 0, envoy_cluster_name="web"),
            series("envoy_cluster_outlier_detection_ejections_active", self.ejected, envoy_cluster_name="web"),
        ]


class Orders:
    """A service with a breaker, as our own skeletons count it."""

    state = "open"

    def page(self, _):
        return [series("circuit_breaker_state", it == self.state, name="payments", state=it) for it in STATES]


def cart(_):
    states = [series("resilience4j_circuitbreaker_state", it == "half_open", name="stockClient", state=it)
              for it in STATES]
    return [*states, series("resilience4j_circuitbreaker_failure_rate", 62.5, name="stockClient")]


def probes(_):
    return ["probe_success 0", "probe_duration_seconds 0.1"]


class Prometheus:
    def __init__(self, program, folder, jobs):
        self.folder = folder
        scrapes = [{"job_name": name, "static_configs": [{"targets": [it.address()], "labels": labels}]}
                   for name, it, labels in jobs]
        self.leaving = os.path.join(folder, "leaving.json")
        scrapes.append({"job_name": "leaving", "file_sd_configs": [{"files": [self.leaving],
                                                                    "refresh_interval": "1s"}]})
        path = os.path.join(folder, "prometheus.yml")
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"global": {"scrape_interval": "1s", "scrape_timeout": "1s"}, "scrape_configs": scrapes}, file)
        self.port = free_port(ADDRESS)
        self.url = f"http://{ADDRESS}:{self.port}"
        self.log = open(os.path.join(folder, "log"), "w", encoding="utf-8")
        command = [program, f"--config.file={path}", f"--storage.tsdb.path={folder}/data",
                   f"--web.listen-address={ADDRESS}:{self.port}"]
        self.process = subprocess.Popen(command, stdout=self.log, stderr=subprocess.STDOUT)

    def list_leaving(self, targets):
        with open(self.leaving + ".new", "w", encoding="utf-8") as file:
            json.dump([{"targets": targets, "labels": {"service": "stock"}}] if targets else [], file)
        os.replace(self.leaving + ".new", self.leaving)

    def query(self, text):
        url = f"{self.url}/api/v1/query?" + urllib.parse.urlencode({"query": text})
        with urllib.request.urlopen(url, timeout=5) as answer:
            return json.loads(answer.read())["data"]["result"]

    def stop(self):
        gateway.stop(self.process)
        self.log.close()


def wait_for(question, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError, ValueError):
            if question():
                return True
        time.sleep(0.2)
    return False


def design(url):
    names = ["gateway", "web", "cart", "orders", "payments", "bank", "stock", "billing"]
    edges = ["gateway-web", "gateway-cart", "web-orders", "web-stock", "cart-orders", "cart-stock",
             "orders-payments", "payments-bank", "billing-bank"]
    dependencies = {it: {"from": it.split("-")[0], "to": it.split("-")[1]} for it in edges}
    source = {"kind": "prometheus", "address": url, "interval_ms": 1000, "window_seconds": WINDOW}
    return project({it: {"kind": "service"} for it in names}, dependencies, {"sources": {"metrics": source}})


def check_traffic(seen):
    """Rate, share of errors and 95th percentile of each edge, within a fifth."""
    traffic = {it["dependency"]: it for it in seen["traffic"]}
    expected = {
        "web-orders": ("Istio, by the caller", 20, 0.25, 97.5),
        "cart-orders": ("Istio, by the callee", 5, 0, 97.5),
        "orders-payments": ("Linkerd", 8, 0.125, 29.5),
        "payments-bank": ("a service graph", 4, 0, 390),
        "gateway-web": ("Envoy", 30, 0.1, 9.75),
    }
    for edge, (what, *numbers) in expected.items():
        it = traffic.get(edge, {})
        found = [it.get("rate_per_second"), it.get("error_share"), it.get("p95_ms")]
        is_close = all(one is not None and abs(one - other) <= 0.2 * other + 0.001
                       for one, other in zip(found, numbers, strict=True))
        report(is_close and it["window_seconds"] == WINDOW, f"{what}: rate, errors and p95 of {edge}",
               f"{found}, expected {numbers}")
    idle = traffic.get("web-stock", {})
    report(idle.get("rate_per_second") == 0 and idle["error_share"] is None and idle["p95_ms"] is None,
           "an edge without traffic has a rate of 0 and nothing else", idle)
    report("billing-bank" not in traffic, "an edge that nobody counts has no traffic", traffic.get("billing-bank"))
    undrawn = [(it["from"], it["to"], it["to_service"]) for it in seen["undrawn"]]
    report(undrawn == [("payments", "mail", None)],
           "calls that nobody drew are listed, and those from outside or nowhere are not", undrawn)


def breakers(seen):
    return {(it["from"], it["to"], it["name"]): it for it in seen["breakers"]}


def check_breakers(seen):
    found = breakers(seen)
    for key, state, detail in [
        (("orders", "payments", "payments"), "open", ""),
        (("cart", "stock", "stockClient"), "half-open", ""),
        (("gateway", "cart", "cart"), "overflow", "limit of pending requests reached"),
        (("gateway", "web", "web"), "ejected", ""),
    ]:
        it = found.get(key, {})
        report(it.get("state") == state and it.get("detail") == detail, f"the breaker {key[0]} → {key[1]} is {state}",
               found)
    rate = found.get(("cart", "stock", "stockClient"), {}).get("failure_rate_percent")
    report(rate == 62.5, "its failure rate is told", rate)
    report(len(found) == 4, "a proxy's own clusters are no breakers", list(found))


def check_course(meshboard, prometheus, targets, file):
    watching = Following(meshboard, file)
    try:
        watching.until(10, name="stockClient", to_state="half-open")
        time.sleep(2)
        killed = time.monotonic()
        targets["orders"].kill()
        at = watching.until(15, service="orders", to_state="down")
        report(at is not None and at - killed > 2, "a killed target is down after three answers, not after one",
               f"{at and at - killed} {watching.of('orders')}")
        report(any("up is 0" in it for it in watching.causes()), "the cause is the scrape", watching.causes())
        targets["orders"].page.__self__.state = "closed"
        back = time.monotonic()
        targets["orders"].start()
        report(watching.until(10, back, service="orders", to_state="up"), "it is back at once", watching.of("orders"))
        report(watching.until(10, back, name="payments", to_state="closed"), "its breaker has closed", watching.lines)
        proxy = targets["gateway"].page.__self__
        proxy.is_full, proxy.ejected = False, 3
        for name, state in (("cart", "closed"), ("web", "open")):
            report(watching.until(10, back, name=name, to_state=state), f"Envoy's breaker of {name} is {state}",
                   watching.lines)
        prometheus.list_leaving([])
        report(watching.until(15, back, service="stock", to_state="unknown"), "a target that was taken out is gone",
               watching.of("stock"))
    finally:
        watching.stop()


def main(meshboard, program="prometheus"):
    pages = {"gateway": Proxy().page, "web": istio, "cart": cart, "orders": Orders().page, "payments": tracing,
             "mesh": linkerd, "leaving": lambda _: [], "prober": probes}
    targets = {name: Target(page) for name, page in pages.items()}
    probed = {"instance": "http://bank:8080/health"}
    jobs = [("gateway", targets["gateway"], {}), ("shop/web", targets["web"], {}), ("cart", targets["cart"], {}),
            ("all", targets["orders"], {"app": "orders"}), ("payments", targets["payments"], {}),
            ("mesh", targets["mesh"], {}), ("blackbox", targets["prober"], probed)]
    with tempfile.TemporaryDirectory(prefix="meshboard-prometheus-") as folder:
        prometheus = Prometheus(program, folder, jobs)
        prometheus.list_leaving([targets["leaving"].address()])
        file = design(prometheus.url)
        try:
            ready = wait_for(lambda: len(prometheus.query("count_over_time(up[20s]) > 9")) >= 8, 40)
            report(ready, "Prometheus scrapes", prometheus.query("up") if ready is False else "")
            seen, said = once(meshboard, file)
            health = {name: it["health"] for name, it in seen["services"].items()}
            well = dict.fromkeys(["gateway", "web", "cart", "orders", "payments", "stock"], "up")
            report(health == {**well, "bank": "down"}, "who is scraped is up, who fails its probe is down", health)
            source = seen["sources"]["metrics"]
            report(source["reach"] == "ok" and source["note"] is None, "the source has nothing to add", source)
            report("NaN" not in said and "Infinity" not in said, "no number is infinite or none", said)
            check_traffic(seen)
            check_breakers(seen)
            check_course(meshboard, prometheus, targets, file)
        finally:
            prometheus.stop()
        seen, _ = once(meshboard, file)
        report(seen["sources"]["metrics"]["reach"] == "refused", "a store that is gone is said, and nothing else", seen)
    finish()


if __name__ == "__main__":
    main(*sys.argv[1:])
