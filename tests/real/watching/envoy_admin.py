#!/usr/bin/env python3
"""Envoy's admin pages: `source: envoy`.

usage: envoy_admin.py MESHBOARD

A real Envoy calls three instances of one service and one of another. One instance fails
until its host is ejected, then all; a limit of one call at a time is reached; a health
check fails and passes again; calls are counted. Needs the Python package `envoy`.
"""

import http.client
import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
import time

from common import finish, free_port, project, report
from sources import Watching, breaker, get, health, once, until

import envoy as package
import gateway

PROGRAM = os.path.join(package.__path__[0], "_bin", "envoy")
SERVICES = {"edge": {"kind": "gateway"}, "orders": {"kind": "service"}, "stock": {"kind": "service"}}
DEPENDENCIES = {
    "edge-orders": {"from": "edge", "to": "orders", "protocol": "http"},
    "edge-stock": {"from": "edge", "to": "stock", "protocol": "http"},
}


class Backend:
    """Answers as it is told to: with a status, late, or as unwell."""

    def __init__(self):
        self.status, self.delay, self.is_well = 200, 0, True
        backend = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                if self.path == "/health":
                    status = 200 if backend.is_well else 503
                else:
                    time.sleep(backend.delay)
                    status = backend.status
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def port(self):
        return self.server.server_address[1]


def socket_address(port):
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def cluster(name, backends, **more):
    endpoints = [{"endpoint": {"address": socket_address(it.port)}} for it in backends]
    return {"name": name, "type": "STATIC", "connect_timeout": "1s", "lb_policy": "ROUND_ROBIN",
            "common_lb_config": {"healthy_panic_threshold": {"value": 0}},
            "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": endpoints}]}, **more}


def configuration(port, admin, orders, stock):
    routes = [{"match": {"prefix": f"/{name}"}, "route": {"cluster": name}} for name in ("orders", "stock")]
    manager = {
        "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "edge",
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": routes}]},
        "http_filters": [{"name": "envoy.filters.http.router", "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}}],
    }
    filters = [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]
    outlier = {"consecutive_5xx": 3, "interval": "0.5s", "base_ejection_time": "2s", "max_ejection_time": "2s",
               "max_ejection_percent": 100, "enforcing_success_rate": 0}
    check = {"timeout": "0.5s", "interval": "0.5s", "no_traffic_interval": "0.5s", "unhealthy_threshold": 1, "healthy_threshold": 1,
             "http_health_check": {"path": "/health"}}
    limits = {"thresholds": [{"max_requests": 1}]}
    return {
        "admin": {"address": socket_address(admin)},
        "static_resources": {
            "listeners": [{"name": "edge", "address": socket_address(port), "filter_chains": [{"filters": filters}]}],
            "clusters": [cluster("orders", orders, outlier_detection=outlier),
                         cluster("stock", stock, circuit_breakers=limits, health_checks=[check])],
        },
    }


def ask(port, path, timeout=10):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


class Load:
    """Asks for a path some times a second, beside."""

    def __init__(self, port, path, per_second):
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self.run, args=(port, path, 1 / per_second), daemon=True)
        self.thread.start()

    def run(self, port, path, pause):
        while not self.is_over.wait(pause):
            ask(port, path)

    def stop(self):
        self.is_over.set()
        self.thread.join(10)


def check(meshboard, file, port, orders, stock):
    said = once(meshboard, file)
    instances = said["services"]["orders"]["instances"]
    report((instances["up"], instances["all"]) == (3, 3), "the hosts of a cluster are instances", said["services"])
    report(said["services"]["edge"]["health"] == "up", "a proxy that is ready is up itself", said["services"])
    load = Load(port, "/orders", 20)
    watching = Watching(meshboard, file, 100)
    try:
        watching.settle()
        orders[0].status = 500
        watching.expects("a host that fails is ejected", 15, breaker("edge", "orders", "ejected"))
        for it in orders:
            it.status = 500
        watching.expects("all hosts ejected is an open breaker", 15, breaker("edge", "orders", "open"))
        for it in orders:
            it.status = 200
        watching.expects("hosts that came back close it", 20, breaker("edge", "orders", "closed"))
        stock[0].delay = 4
        slow = threading.Thread(target=ask, args=(port, "/stock"), daemon=True)
        slow.start()
        watching.expects("a limit that is reached is an overflow", 10, breaker("edge", "stock", "overflow"))
        stock[0].delay = 0
        slow.join()
        watching.expects("and is over when calls are", 10, breaker("edge", "stock", "closed"))
        stock[0].is_well = False
        watching.expects("a failed health check is down", 10, health("stock", "down"))
        stock[0].is_well = True
        watching.expects("a health check that passes again is up", 10, health("stock", "up"))
        said = once(meshboard, file, "--seconds", "6")
        traffic = {it["to"]: it for it in said["traffic"]}
        rate = traffic.get("orders", {}).get("rate_per_second") or 0
        report(8 < rate < 25, "calls a second are counted along their dependency", said["traffic"])
        idle = traffic.get("stock", {})
        report(idle.get("rate_per_second") == 0 and idle.get("error_share") is None,
               "without calls the rate is zero, and no share failed", idle)
    finally:
        load.stop()
        watching.stop()


def main():
    meshboard = sys.argv[1]
    port, admin = free_port(), free_port()
    orders, stock = [Backend() for _ in range(3)], [Backend()]
    with tempfile.TemporaryDirectory(prefix="meshboard-envoy-") as folder:
        path = os.path.join(folder, "envoy.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(configuration(port, admin, orders, stock), file)
        with open(os.path.join(folder, "envoy.log"), "wb") as log:
            process = subprocess.Popen([PROGRAM, "-c", path, "-l", "warn", "--concurrency", "1",
                                        "--disable-hot-restart"], stdout=log, stderr=subprocess.STDOUT)
        source = {"kind": "envoy", "address": f"http://127.0.0.1:{admin}", "interval_ms": 1000}
        file = project(SERVICES, DEPENDENCIES, {"sources": {"proxy": source}}, folder)
        try:
            is_up = until(20, lambda: get(f"http://127.0.0.1:{admin}/ready") == "LIVE\n")
            report(bool(is_up), "Envoy runs", "not within 20 s")
            if is_up:
                check(meshboard, file, port, orders, stock)
        finally:
            gateway.stop(process)
        proxy = once(meshboard, file)["sources"]["proxy"]
        report(proxy["reach"] == "refused", "an Envoy that is gone is said to be gone", proxy)
    finish()


if __name__ == "__main__":
    main()
