#!/usr/bin/env python3
"""What proxies tell of their upstreams on their metrics pages: healthy, broken, and back.

usage: metric_pages.py MESHBOARD

HAProxy, Traefik and Caddy check the same upstream, each as a source of its own kind of
page; who is not there is left out. Prints one line per check and exits with 1 if one
failed.
"""

import contextlib
import http.server
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time

import common
from common import report

HOST = "127.0.0.1"
SECONDS = 40


class Upstream(http.server.BaseHTTPRequestHandler):
    """Who the proxies check; fails as long as it is told to."""

    is_broken = False

    def do_GET(self):
        self.send_response(503 if Upstream.is_broken else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_OPTIONS(self):
        self.do_GET()

    def log_message(self, *_):
        pass


def haproxy(upstream, page):
    return {"haproxy.cfg": f"""\
defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 5s
frontend page
  bind {HOST}:{page}
  http-request use-service prometheus-exporter
  default_backend haproxied
backend haproxied
  option httpchk GET /
  server one {HOST}:{upstream} check inter 300ms fall 2 rise 2
"""}, ["haproxy", "-f", "haproxy.cfg"]


def traefik(upstream, page):
    return {"traefik.yml": f"""\
entryPoints: {{traefik: {{address: "{HOST}:{page}"}}, web: {{address: "{HOST}:{common.free_port()}"}}}}
metrics: {{prometheus: {{addServicesLabels: true}}}}
providers: {{file: {{filename: routes.yml}}}}
""", "routes.yml": f"""\
http:
  routers: {{all: {{rule: "PathPrefix(`/`)", service: traefiked, entryPoints: [web]}}}}
  services:
    traefiked:
      loadBalancer:
        servers: [{{url: "http://{HOST}:{upstream}"}}]
        healthCheck: {{path: /, interval: 1s, timeout: 500ms}}
"""}, ["traefik", "--configfile=traefik.yml"]


def caddy(upstream, page):
    # It looks at its upstreams' state every ten seconds.
    return {"Caddyfile": f"""\
{{
  admin {HOST}:{page}
  metrics
}}
http://{HOST}:{common.free_port()} {{
  reverse_proxy {HOST}:{upstream} {{
    health_uri /
    health_interval 1s
  }}
}}
"""}, ["caddy", "run", "--config", "Caddyfile"]


PROXIES = {"haproxy": haproxy, "traefik": traefik, "caddy": caddy}
# What each calls its upstream; Caddy knows an address alone, which an alias names.
NAMES = {"haproxy": "haproxied", "traefik": "traefiked", "caddy": "caddied"}


@contextlib.contextmanager
def running(name, upstream, page):
    with tempfile.TemporaryDirectory(prefix=f"meshboard-{name}-") as folder:
        files, command = PROXIES[name](upstream, page)
        for file, text in files.items():
            with open(os.path.join(folder, file), "w", encoding="utf-8") as out:
                out.write(text)
        homes = {"XDG_DATA_HOME": folder, "XDG_CONFIG_HOME": folder, "HOME": folder}
        process = subprocess.Popen(command, cwd=folder, env={**os.environ, **homes},
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield
        finally:
            process.terminate()
            process.wait(10)


def main():
    meshboard = os.path.abspath(sys.argv[1])
    names = [it for it in PROXIES if shutil.which(it)]
    upstream = common.free_port()
    server = http.server.ThreadingHTTPServer((HOST, upstream), Upstream)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    pages = {name: common.free_port() for name in names}
    services = {NAMES[name]: {"kind": "service"} for name in names}
    sources = {name: {"kind": "page", "address": f"http://{HOST}:{port}/metrics", "interval_ms": 1000}
               for name, port in pages.items()}
    environment = {"sources": sources, "service_aliases": {f"{HOST}:{upstream}": "caddied"} if "caddy" in pages else {}}
    changes = []
    with contextlib.ExitStack() as stack:
        for name, port in pages.items():
            stack.enter_context(running(name, upstream, port))
        time.sleep(4)
        project = common.project(services, {}, environment)

        def read():
            for line in common.watch(meshboard, project, SECONDS):
                changes.append(line)

        threading.Thread(target=read, daemon=True).start()
        time.sleep(3)
        for is_broken, state in [(True, "down"), (False, "up")]:
            Upstream.is_broken = is_broken
            end = time.monotonic() + 17
            waiting = set(services)
            while waiting and time.monotonic() < end:
                newest = {it.get("service"): it["to_state"] for it in list(changes)}
                for service in [it for it in waiting if newest.get(it) == state]:
                    waiting.discard(service)
                    report(True, f"{service} is {state}")
                time.sleep(0.1)
            for service in waiting:
                report(False, f"{service} is {state}", [it for it in changes if it.get("service") == service])
    server.shutdown()
    common.finish()


main()
