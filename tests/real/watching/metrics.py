#!/usr/bin/env python3
"""Breakers on metrics pages of real libraries: healthy, broken, and back.

usage: metrics.py MESHBOARD

opossum-prometheus has only counters, so its breaker's state is inferred from how they
grow; Python's client has a state set and a number that a map explains; Envoy ejects hosts.
Wants NODE_TOOLS with opossum and opossum-prometheus in its node_modules, and Python with
prometheus_client; Envoy is left out where it is not there. Prints one line per check and
exits with 1 if one failed.
"""

import contextlib
import http.client
import http.server
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

import common
from common import report

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAMS = os.path.join(HERE, "programs")
HOST = "127.0.0.1"
SECONDS = 40


def get(port, path):
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


@contextlib.contextmanager
def running(command, port, **options):
    """A program that listens on a port."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, **options)
    try:
        for _ in range(300):
            with contextlib.suppress(OSError):
                socket.create_connection((HOST, port), 1).close()
                break
            if process.poll() is not None:
                sys.exit(f"{command} ended")
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(10)


class Watch:
    """`meshboard watch` beside the checks, and the changes that it told of."""

    def __init__(self, meshboard, project):
        self.changes = []
        self.thread = threading.Thread(target=self.read, args=(meshboard, project), daemon=True)
        self.thread.start()

    def read(self, meshboard, project):
        for line in common.watch(meshboard, project, SECONDS):
            self.changes.append(line)

    def states(self, name):
        return [it["to_state"] for it in self.changes if it.get("name") == name]

    def until(self, name, states, what, seconds=15):
        """Waits until the newest state of a breaker is one of these."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.states(name)[-1:] and self.states(name)[-1] in states:
                report(True, f"{what}: {self.states(name)[-1]}")
                return
            time.sleep(0.1)
        report(False, what, f"{name} went {self.states(name)}")


def once(meshboard, project):
    command = [meshboard, "watch", project, "--once", "--format", "json"]
    shown = json.loads(subprocess.run(command, check=False, capture_output=True, text=True).stdout)
    return {it["name"]: it for it in shown["breakers"]}


def opossum(watch, port, before):
    report(before["bank"]["state"] == "closed" and before["bank"]["confidence"] == "inferred",
           "opossum: closed, and said to be inferred", before)
    report(before["bank"]["to"] == "bank", "opossum: the breaker is on its edge", before)
    get(port, "/break")
    watch.until("bank", ["not-closed"], "opossum: broken is not closed")
    # It tries again every three seconds, which fails and opens it anew.
    time.sleep(7)
    opened = [it for it in get(port, "/metrics")[1].splitlines() if 'event="open"' in it and "bank" in it]
    report(bool(opened) and int(opened[0].split()[-1]) > 1, "opossum: trials failed and opened it again", opened)
    report(watch.states("bank") == ["not-closed"], "opossum: a failed trial is no change", watch.states("bank"))
    get(port, "/heal")
    watch.until("bank", ["closed"], "opossum: healed is closed again")
    get(port, "/break")
    watch.until("bank", ["not-closed"], "opossum: broken again, after it was closed")
    get(port, "/heal")
    watch.until("bank", ["closed"], "opossum: and back once more")


def python_client(watch, port, before):
    report(before["enum"]["state"] == "closed" and before["enum"]["confidence"] == "reported",
           "prometheus_client: a state set is reported", before)
    report(before["tax"]["state"] == "closed" and before["tax"]["confidence"] == "reported",
           "prometheus_client: a number with a map is reported", before)
    for word in ["open", "half-open", "closed"]:
        get(port, f"/to/{word}")
        watch.until("enum", [word], f"prometheus_client: the state set is {word}")
        watch.until("tax", [word], f"prometheus_client: the number is {word}")


class Upstream(http.server.BaseHTTPRequestHandler):
    """Who Envoy calls; fails as long as it is told to."""

    is_broken = False

    def do_GET(self):
        self.send_response(500 if Upstream.is_broken else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def envoy_configuration(admin, listener, upstreams):
    def address(port):
        return {"socket_address": {"address": HOST, "port_value": port}}

    hosts = [{"endpoint": {"address": address(port)}} for port in upstreams]
    router = {"name": "envoy.filters.http.router",
              "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}}
    manager = {
        "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "in", "http_filters": [router],
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [
            {"match": {"prefix": "/"}, "route": {"cluster": "envoyed"}}]}]}}
    return {
        "admin": {"address": address(admin)},
        "static_resources": {
            "listeners": [{"address": address(listener), "filter_chains": [{"filters": [
                {"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}]}],
            "clusters": [{
                "name": "envoyed", "type": "STATIC", "connect_timeout": "1s",
                "load_assignment": {"cluster_name": "envoyed", "endpoints": [{"lb_endpoints": hosts}]},
                "common_lb_config": {"healthy_panic_threshold": {"value": 0}},
                "outlier_detection": {"consecutive_5xx": 2, "interval": "0.5s", "base_ejection_time": "3s",
                                      "max_ejection_percent": 100},
            }],
        },
    }


@contextlib.contextmanager
def envoy(admin, listener, upstreams):
    servers = [http.server.ThreadingHTTPServer((HOST, port), Upstream) for port in upstreams]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory(prefix="meshboard-envoy-") as folder:
        path = os.path.join(folder, "envoy.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(envoy_configuration(admin, listener, upstreams), file)
        command = ["envoy", "-c", path, "--use-dynamic-base-id", "--log-level", "error", "--concurrency", "1"]
        with running(command, admin):
            yield
    for server in servers:
        server.shutdown()


def ejected(watch, listener, before):
    report(before["envoyed"]["state"] == "closed", "Envoy: nobody is out", before)
    Upstream.is_broken = True

    def load():
        end = time.monotonic() + 12
        while time.monotonic() < end:
            with contextlib.suppress(OSError, http.client.HTTPException):
                get(listener, "/")
            time.sleep(0.05)

    threading.Thread(target=load, daemon=True).start()
    watch.until("envoyed", ["open"], "Envoy: all hosts ejected is an open breaker")
    Upstream.is_broken = False
    watch.until("envoyed", ["closed"], "Envoy: all are back", seconds=25)


def design(ports):
    """Services, dependencies and where they run."""
    target = {"interval_ms": 1000}
    numbers = {"gobreaker_state": {"0": "closed", "1": "half-open", "2": "open"}}
    targets = {
        "shop": {**target, "instances": [f"http://{HOST}:{ports['node']}"], "more_paths": ["/metrics"]},
        "books": {**target, "instances": [f"http://{HOST}:{ports['python']}"], "breaker_gauges": numbers,
                  "more_paths": ["/metrics/open"]},
    }
    if "admin" in ports:
        targets["gateway"] = {**target, "instances": [f"http://{HOST}:{ports['admin']}"], "health_path": "/ready",
                              "more_paths": ["/stats/prometheus?filter=cluster"]}
    services = {name: {"kind": "service"} for name in ["shop", "books", "bank", "tax", "envoyed"]}
    services["gateway"] = {"kind": "gateway"}
    dependencies = {
        "shop-bank": {"from": "shop", "to": "bank"},
        "books-tax": {"from": "books", "to": "tax"},
        "gateway-envoyed": {"from": "gateway", "to": "envoyed"},
    }
    return common.project(services, dependencies, {"targets": targets})


def main():
    meshboard = os.path.abspath(sys.argv[1])
    names = ["node", "python"]
    if shutil.which("envoy"):
        names += ["admin", "listener", "first", "second"]
    else:
        print("skip   Envoy is not here")
    ports = {name: common.free_port() for name in names}
    modules = os.path.join(os.environ["NODE_TOOLS"], "node_modules")
    with contextlib.ExitStack() as stack:
        node = ["node", os.path.join(PROGRAMS, "opossum.cjs"), HOST, str(ports["node"])]
        stack.enter_context(running(node, ports["node"], env={**os.environ, "NODE_PATH": modules}))
        client = [sys.executable, os.path.join(PROGRAMS, "python_client.py"), HOST, str(ports["python"])]
        stack.enter_context(running(client, ports["python"]))
        if "admin" in ports:
            stack.enter_context(envoy(ports["admin"], ports["listener"], [ports["first"], ports["second"]]))
        project = design(ports)
        before = once(meshboard, project)
        watch = Watch(meshboard, project)
        time.sleep(2)
        checks = [threading.Thread(target=opossum, args=(watch, ports["node"], before)),
                  threading.Thread(target=python_client, args=(watch, ports["python"], before))]
        if "admin" in ports:
            checks.append(threading.Thread(target=ejected, args=(watch, ports["listener"], before)))
        for check in checks:
            check.start()
        for check in checks:
            check.join()
    common.finish()


main()
