#!/usr/bin/env python3
"""HAProxy and Caddy as sources: what they say of the servers behind them.

usage: proxies.py MESHBOARD

Nobody asks the services themselves here: their health is what the proxy's statistics page
(CSV), its metrics, or Caddy's metrics say. Needs haproxy, and the Python package `caddy`.
Prints one line per check and exits with 1 if one failed.
"""

import contextlib
import http.server
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

from common import finish, free_port, project, report
from following import Following, once
from processes import await_listening

import gateway

HAPROXY = """
global
  stats socket {folder}/admin.sock mode 600 level admin
defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 5s
frontend edge
  bind 127.0.0.1:{port}
  default_backend orders
frontend statistics
  bind 127.0.0.1:{statistics}
  http-request use-service prometheus-exporter if {{ path /metrics }}
  stats enable
  stats uri /stats
backend orders
  option httpchk GET /health
  default-server check inter 500ms fall 3 rise 2
  server one 127.0.0.1:{one}
  server two 127.0.0.1:{two}
backend stock
  option httpchk GET /health
  server only 127.0.0.1:{only} check inter 500ms fall 2 rise 2
"""

CADDY = """
{{
  admin 127.0.0.1:{admin}
  auto_https off
  metrics
  persist_config off
}}
http://127.0.0.1:{port} {{
  reverse_proxy 127.0.0.1:{one} {{
    health_uri /health
    health_interval 500ms
    health_timeout 500ms
  }}
}}
"""


class Backend:
    """Answers its health as it is told to."""

    def __init__(self):
        self.is_well = True
        backend = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200 if backend.is_well else 503)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_OPTIONS = do_GET

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.port = self.server.server_address[1]


@contextlib.contextmanager
def running(command, folder, port, name):
    errors = os.path.join(folder, f"{name}.log")
    with open(errors, "wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, "HOME": folder, "XDG_DATA_HOME": folder})
    try:
        await_listening(process, port, errors)
        yield
    finally:
        gateway.stop(process)


@contextlib.contextmanager
def followed(meshboard, file):
    following = Following(meshboard, file)
    time.sleep(4)
    try:
        yield following
    finally:
        following.stop()


def tell(folder, command):
    """A word to HAProxy's own socket."""
    with socket.socket(socket.AF_UNIX) as admin:
        admin.connect(os.path.join(folder, "admin.sock"))
        admin.sendall(command.encode() + b"\n")
        admin.recv(4096)


def expects(following, what, service, state, begin, seconds=15):
    found = following.until(seconds, begin, service=service, to_state=state)
    report(found, what, following.lines[-8:])


def haproxy(meshboard, folder):
    one, two, only = Backend(), Backend(), Backend()
    port, statistics = free_port(), free_port()
    path = os.path.join(folder, "haproxy.cfg")
    with open(path, "w", encoding="utf-8") as file:
        file.write(HAPROXY.format(folder=folder, port=port, statistics=statistics, one=one.port, two=two.port,
                                  only=only.port))
    services = {name: {"kind": kind} for name, kind in [("edge", "gateway"), ("orders", "service"), ("stock", "service")]}
    dependencies = {f"edge-{it}": {"from": "edge", "to": it, "protocol": "http"} for it in ("orders", "stock")}
    pages = {"statistics": "/stats;csv", "metrics": "/metrics"}
    with running(["haproxy", "-db", "-f", path], folder, statistics, "haproxy"):
        time.sleep(2)
        for name, page in pages.items():
            source = {"kind": "page", "address": f"http://127.0.0.1:{statistics}{page}", "interval_ms": 1000}
            file = project(services, dependencies, {"sources": {"haproxy": source}}, folder)
            said = once(meshboard, file)[0]
            orders = said["services"].get("orders", {})
            report(orders.get("health") == "up" and orders["instances"]["up"] == orders["instances"]["all"] == 2,
                   f"HAProxy's {name}: two servers of two", said)
            with followed(meshboard, file) as following:
                begin = time.monotonic()
                one.is_well = False
                expects(following, f"HAProxy's {name}: one of two down is degraded", "orders", "degraded", begin)
                begin = time.monotonic()
                only.is_well = False
                expects(following, f"HAProxy's {name}: the only server down is down", "stock", "down", begin)
                begin = time.monotonic()
                one.is_well = only.is_well = True
                expects(following, f"HAProxy's {name}: and back", "stock", "up", begin)
                expects(following, f"HAProxy's {name}: both are back", "orders", "up", begin)
                begin = time.monotonic()
                tell(folder, "set server stock/only state maint")
                expects(following, f"HAProxy's {name}: maintenance is out of service", "stock", "out-of-service", begin)
                begin = time.monotonic()
                tell(folder, "set server stock/only state ready")
                expects(following, f"HAProxy's {name}: ready is up", "stock", "up", begin, 20)


def caddy(meshboard, folder):
    program = shutil.which("caddy")
    if not program:
        report(False, "Caddy is not installed")
        return
    one = Backend()
    port, admin = free_port(), free_port()
    path = os.path.join(folder, "Caddyfile")
    with open(path, "w", encoding="utf-8") as file:
        file.write(CADDY.format(admin=admin, port=port, one=one.port))
    services = {"edge": {"kind": "gateway"}, "orders": {"kind": "service"}}
    dependencies = {"edge-orders": {"from": "edge", "to": "orders", "protocol": "http"}}
    source = {"kind": "page", "address": f"http://127.0.0.1:{admin}/metrics", "interval_ms": 1000}
    environment = {"sources": {"caddy": source}, "service_aliases": {f"127.0.0.1:{one.port}": "orders"}}
    file = project(services, dependencies, environment, folder)
    with running([program, "run", "--config", path], folder, port, "caddy"):
        # Caddy looks at its gauge every ten seconds.
        time.sleep(11)
        said = once(meshboard, file)[0]
        report(said["services"].get("orders", {}).get("health") == "up", "Caddy's metrics: the upstream is up", said)
        with followed(meshboard, file) as following:
            begin = time.monotonic()
            one.is_well = False
            expects(following, "Caddy's metrics: an upstream that fails its check is down", "orders", "down", begin, 25)
            begin = time.monotonic()
            one.is_well = True
            expects(following, "Caddy's metrics: and back", "orders", "up", begin, 25)


def main():
    meshboard = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="meshboard-proxies-") as folder:
        haproxy(meshboard, folder)
        caddy(meshboard, folder)
    finish()


if __name__ == "__main__":
    main()
