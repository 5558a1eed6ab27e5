#!/usr/bin/env python3
"""nginx watched itself: up, gone, refusing, pointing nowhere, and before a service that dies.

usage: nginx.py MESHBOARD

Prints one line per check and exits with 1 if one failed.
"""

import http.server
import os
import subprocess
import sys
import tempfile
import threading
import time

from common import finish, free_port, project, report
from following import Following, once
from processes import await_listening

import gateway

CONFIGURATION = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    location = /health {{ return 200 "ok\\n"; }}
    location = /status {{ stub_status; }}
    location = /secret {{ return 401; }}
    location = /behind {{ proxy_pass http://127.0.0.1:{behind}/health; proxy_connect_timeout 1s; }}
  }}
}}
"""


class Behind:
    """A service behind nginx that can be ended and started again on its port."""

    def __init__(self, port):
        self.port, self.server = port, None

    def start(self):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = b'{"status":"ok"}'
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        http.server.ThreadingHTTPServer.allow_reuse_address = True
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def start(folder, port):
    process = subprocess.Popen(["nginx", "-c", os.path.join(folder, "nginx.conf"), "-p", folder],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    await_listening(process, port, os.path.join(folder, "error.log"))
    return process


def target(port, path):
    return {"instances": [f"http://127.0.0.1:{port}"], "health_path": path, "interval_ms": 1000}


def main():
    meshboard = sys.argv[1]
    port, behind = free_port(), Behind(free_port())
    names = {"edge": "/health", "plain": "/status", "locked": "/secret", "lost": "/nothing", "orders": "/behind"}
    environment = {"targets": {name: target(port, path) for name, path in names.items()}}
    services = {name: {"kind": "service"} for name in names}
    with tempfile.TemporaryDirectory(prefix="meshboard-nginx-") as folder:
        with open(os.path.join(folder, "nginx.conf"), "w", encoding="utf-8") as file:
            file.write(CONFIGURATION.format(folder=folder, port=port, behind=behind.port))
        file = project(services, {}, environment, folder)
        behind.start()
        process = start(folder, port)
        following = None
        try:
            said = once(meshboard, file)[0]["services"]
            health = {name: (it["health"], it["reach"]) for name, it in said.items()}
            report(health["edge"] == ("up", "ok"), "nginx that answers is up", said["edge"])
            report(health["plain"] == ("up", "ok") and "nginx" in str(said["plain"]["instances"]),
                   "stub_status is known for what it is", said["plain"])
            report(health["locked"] == ("unknown", "auth-denied"), "401 is denied, not down", said["locked"])
            report(health["lost"] == ("unknown", "not-found"), "404 is nothing there, not down", said["lost"])
            report(health["orders"] == ("up", "ok"), "a service behind nginx is up", said["orders"])
            following = Following(meshboard, file)
            time.sleep(3)
            begin = time.monotonic()
            behind.stop()
            report(following.until(15, begin, service="orders", to_state="down"), "502 for a service that died is down",
                   following.lines)
            report("edge" not in [it.get("service") for _, it in following.lines], "nginx itself stays up",
                   following.lines)
            begin = time.monotonic()
            behind.start()
            report(following.until(15, begin, service="orders", to_state="up"), "and up when it is back", following.lines)
            begin = time.monotonic()
            gateway.stop(process)
            report(following.until(15, begin, service="edge", to_state="down"), "nginx that was ended is down",
                   following.lines)
            report("connection refused" in str(following.causes()), "and says that nobody listens", following.causes())
            begin = time.monotonic()
            process = start(folder, port)
            report(following.until(15, begin, service="edge", to_state="up"), "nginx that was started again is up",
                   following.lines)
        finally:
            if following:
                following.stop()
            gateway.stop(process)
            behind.stop()
    finish()


if __name__ == "__main__":
    main()
