#!/usr/bin/env python3
"""Opens and closes exported breakers with real failures: a gateway's and a sidecar's.

usage: envoy_breakers.py MESHBOARD

Draws a design, exports it, runs each Envoy as it was exported. Prints one line per check
and exits with 1 if one failed.
"""

import concurrent.futures
import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
import time

import envoys
import gateway
from gateway import ask, report

DESIGN = {
    "meshboard": 1,
    "name": "Breakers",
    "services": {
        "edge": {"kind": "gateway", "technology": "envoy", "ports": [{"number": 8080}]},
        "orders": {"kind": "service", "technology": "go", "replicas": 2, "ports": [{"number": 5001}]},
        "stock": {"kind": "service", "technology": "go", "ports": [{"number": 5002}]},
        "prices": {"kind": "service", "technology": "go", "ports": [{"number": 5003}]},
        "legacy": {"kind": "service", "technology": "aspnet", "ports": [{"number": 5004}]},
    },
    "dependencies": {
        "edge-orders": {"from": "edge", "to": "orders", "breaker": {"consecutive_failures": 4, "open_ms": 10000}},
        "edge-stock": {"from": "edge", "to": "stock", "timeout_ms": 300, "breaker": {
            "failure_rate_percent": 50, "minimum_calls": 6, "window_ms": 2000, "open_ms": 10000}},
        "edge-prices": {"from": "edge", "to": "prices", "timeout_ms": 5000, "bulkhead": 2},
        "legacy-orders": {"from": "legacy", "to": "orders", "timeout_ms": 300,
                          "breaker": {"consecutive_failures": 3, "open_ms": 10000}},
        "legacy-stock": {"from": "legacy", "to": "stock", "timeout_ms": 1000,
                         "retries": {"count": 2, "backoff_ms": 10}},
    },
    "routes": {
        "orders": {"gateway": "edge", "path_prefix": "/orders", "service": "orders"},
        "stock": {"gateway": "edge", "path_prefix": "/stock", "service": "stock"},
        "prices": {"gateway": "edge", "path_prefix": "/prices", "service": "prices"},
    },
}


class Backend(http.server.BaseHTTPRequestHandler):
    """Answers its health well, and everything else as its server was told."""

    protocol_version = "HTTP/1.1"

    def answer(self):
        if not self.path.endswith("health"):
            with self.server.lock:
                self.server.calls += 1
                self.server.under_way += 1
                self.server.most = max(self.server.most, self.server.under_way)
                status = self.server.statuses.pop(0) if self.server.statuses else self.server.status
            time.sleep(self.server.sleep)
            with self.server.lock:
                self.server.under_way -= 1
        else:
            status = 200
        body = json.dumps({"host": self.headers.get("Host"), "from": self.server.server_address[0]}).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            pass  # Envoy gave up, which is what is tested

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_):
        pass


def start(number, port):
    server = Server((gateway.address(number), port), Backend)
    server.lock = threading.Lock()
    server.statuses = []
    server.calls = server.under_way = server.most = 0
    server.status, server.sleep = 200, 0
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def statuses(port, path, count, method="GET"):
    return [ask(port, "any.example.test", path, method).status for _ in range(count)]


def until(port, path, status, seconds):
    """Seconds until a path answers so; none if it never does."""
    started = time.monotonic()
    while time.monotonic() - started < seconds:
        if ask(port, "any.example.test", path).status == status:
            return time.monotonic() - started
        time.sleep(0.1)
    return None


def check_gateway(port, admin, servers):
    good, bad = servers["orders"]
    for path in ["/orders", "/stock", "/prices"]:
        report(until(port, path, 200, 30) is not None, f"{path} is up", envoys.admin(admin, "/clusters")[:600])
    bad.status = 500
    seen = statuses(port, "/orders", 24)
    report(seen.count(500) == 4 and seen[-8:] == [200] * 8, "of two replicas the failing one is ejected after 4 failures", seen)
    good.status = 500
    seen = statuses(port, "/orders", 8)
    report(seen == [500] * 4 + [503] * 4, "with both ejected the breaker is open: 503, and nobody is called", seen)
    calls = good.calls + bad.calls
    good.status = bad.status = 200
    took = until(port, "/orders", 200, 30)
    report(took is not None and 4 < took < 20, "an open breaker closes after its time, health checks or not", took)
    report(good.calls + bad.calls == calls + 1, "while it is open nobody is called", (calls, good.calls, bad.calls))

    stock, = servers["stock"]
    stock.sleep = 1
    seen = statuses(port, "/stock", 8)
    took = until(port, "/stock", 503, 6)
    report(set(seen) <= {504, 503} and took is not None, "timeouts open a breaker with a failure rate", (seen, took))
    stock.sleep = 0
    took = until(port, "/stock", 200, 30)
    report(took is not None and took > 3, "and it closes again", took)

    prices, = servers["prices"]
    prices.sleep, prices.most = 0.7, 0
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        seen = sorted(pool.map(lambda _: ask(port, "any.example.test", "/prices").status, range(12)))
    prices.sleep = 0
    report(seen == [200] * 4 + [503] * 8 and prices.most == 2,
           "a bulkhead of 2 lets 2 through, 2 wait, and refuses the others", (seen, prices.most))


def check_sidecar(ports, servers):
    orders, stock = ports
    for port in ports:
        report(until(port, "/x", 200, 30) is not None, f"a sidecar's port {port} is up", "")
    answer = ask(orders, "127.0.0.1:15001", "/x").json()
    report(answer.get("host") == "orders:5001", "a sidecar asks for the service by its name", answer)
    server, = servers["stock"]
    server.statuses = [503, 503]
    report(statuses(stock, "/x", 1) == [200], "a sidecar tries again what may be done twice", server.statuses)
    server.statuses = [503, 503]
    report(statuses(stock, "/x", 1, "POST") == [503], "a sidecar does not repeat a POST", server.statuses)
    server.statuses = []
    for it in servers["orders"]:
        it.sleep = 1
    seen = statuses(orders, "/x", 9)
    report(seen.count(504) == 6 and seen[-2:] == [503] * 2, "a sidecar opens the breaker of a hanging service", seen)
    for it in servers["orders"]:
        it.sleep = 0


def main():
    meshboard = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="meshboard-breakers-") as folder:
        project = os.path.join(folder, "breakers.meshboard.json")
        with open(project, "w", encoding="utf-8") as file:
            json.dump(DESIGN, file)
        bundle = os.path.join(folder, "bundle")
        subprocess.run([meshboard, "export", project, "--to", bundle], check=True, capture_output=True)
        texts = []
        for path in ["envoy/envoy.yaml", "breakers/legacy/envoy.yaml"]:
            with open(os.path.join(bundle, path), encoding="utf-8") as file:
                texts.append(file.read())
    servers = {"orders": [start(1, 5001), start(2, 5001)], "stock": [start(3, 5002)], "prices": [start(4, 5003)]}
    addresses = {name: [it.server_address[0] for it in all_of_it] for name, all_of_it in servers.items()}
    with envoys.running(texts[0], addresses) as (_, ports, admin):
        check_gateway(ports[0], admin, servers)
    with envoys.running(texts[1], addresses) as (_, ports, _):
        check_sidecar(ports, servers)
    sys.exit(1 if gateway.FAILED else 0)


if __name__ == "__main__":
    main()
