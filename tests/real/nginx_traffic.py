#!/usr/bin/env python3
"""Sends real traffic through an exported nginx configuration.

usage: nginx_traffic.py PROJECT.meshboard.json BUNDLE_FOLDER [NGINX]

Each service is a small server that says what it was asked. Prints one line per check
and exits with 1 if one failed.
"""

import concurrent.futures
import http.server
import json
import os
import re
import socket
import sys
import threading
import time

import gateway
from gateway import ask, is_error, report, show


# The trace that a caller may already be part of.
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


class Backend(http.server.BaseHTTPRequestHandler):
    """Says who was asked what; a header makes it slow."""

    protocol_version = "HTTP/1.1"

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        if self.server.is_dead:
            self.close_connection = True
            return
        time.sleep(float(self.headers.get("X-Test-Sleep") or 0))
        body = json.dumps({
            "service": self.server.service,
            "path": self.path,
            "method": self.command,
            "headers": {name.lower(): value for name, value in self.headers.items()},
        }).encode()
        try:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("X-Request-ID", "of-the-service")
            self.send_header("X-Powered-By", "test")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)
        except OSError:
            pass  # the gateway gave up, which is what is tested

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_):
        pass


def start_backends(text):
    """A server for each `server NAME:PORT` of the configuration; name -> (address, servers)."""
    backends = {}
    for name, port in sorted(set(re.findall(r"^\s+server ([a-z0-9.-]+):(\d+)", text, re.M))):
        name = name.removesuffix(".internal")
        address, servers = backends.setdefault(name, (gateway.address(len(backends)), []))
        server = Server((address, int(port)), Backend)
        server.service = name
        server.is_dead = False
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
    return backends


class Route:
    def __init__(self, name, drawn, port):
        self.name, self.drawn, self.port = name, drawn, port
        host = drawn.get("host") or "anything.example.test"
        self.host = host.replace("*.", "one.")
        self.prefix = drawn["path_prefix"].rstrip("/")
        self.methods = drawn.get("methods") or ["GET"]
        self.method = "GET" if "GET" in self.methods else self.methods[0]
        self.credentials = {
            "jwt": {"Authorization": "Bearer x"},
            "api-key": {"X-API-Key": "x"},
        }.get(drawn.get("authentication"), {})
        # The time of the call to the only replica, where the gateway has no other for the route.
        self.call_ms = None

    def ask(self, below="/seen", method=None, headers=None, body=None, patience=100):
        """Asks again while the rate limit refuses, which is no part of most checks."""
        for _ in range(patience):
            answer = ask(self.port, self.host, self.prefix + below, method or self.method,
                         {**self.credentials, **(headers or {})}, body)
            if answer.status != 429:
                break
            time.sleep(0.1)
        return answer


def check_reach(route):
    answer = route.ask("/seen?x=1")
    said = answer.json()
    path = "/seen?x=1" if route.drawn.get("strip_prefix") else route.prefix + "/seen?x=1"
    fine = said.get("service") == route.drawn["service"] and said.get("path") == path
    report(fine, f"{route.name} reaches {route.drawn['service']}", show(answer))
    report(answer.all("X-Content-Type-Options") == ["nosniff"] and not answer.all("X-Powered-By"),
           f"{route.name} says security headers once", show(answer))
    if route.prefix:
        exact = route.ask("").json()
        path = "/" if route.drawn.get("strip_prefix") else route.prefix
        report(exact.get("path") == path, f"{route.name} also takes its bare path", exact)
        other = ask(route.port, route.host, route.prefix + "-archive", route.method, route.credentials)
        report(other.json().get("path") != "-archive", f"{route.name} leaves longer names alone", show(other))


def check_request_id(route):
    kept = route.ask(headers={"X-Request-ID": "trace-12345678", "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"})
    fine = (kept.json().get("headers", {}).get("x-request-id") == "trace-12345678"
            and kept.all("X-Request-ID") == ["trace-12345678"])
    report(fine, f"{route.name} keeps a request id", show(kept))
    made = route.ask(headers={"X-Request-ID": 'x" } evil'})
    said = made.json().get("headers", {}).get("x-request-id", "")
    report(re.fullmatch(r"[0-9a-f]{32}", said) is not None and made.all("X-Request-ID") == [said],
           f"{route.name} replaces a malformed request id", show(made))


def check_limits(route):
    drawn = route.drawn
    if drawn.get("timeout_ms"):
        # One replica has the time of the call, where that is shorter.
        seconds = min(drawn["timeout_ms"], route.call_ms or drawn["timeout_ms"]) / 1000
        start = time.monotonic()
        answer = route.ask(headers={"X-Test-Sleep": str(seconds * 2 + 1)})
        took = time.monotonic() - start
        report(is_error(answer, 504) and seconds * 0.9 <= took < seconds * 2 + 0.9,
               f"{route.name} gives up after {seconds * 1000:.0f} ms", f"{took:.2f} s, {show(answer)}")
    if drawn.get("body_limit_kib") and "POST" in route.methods:
        size = drawn["body_limit_kib"] * 1024
        fits = route.ask(method="POST", body=b"x" * size)
        large = route.ask(method="POST", body=b"x" * (size + 1))
        report(fits.status == 200 and is_error(large, 413),
               f"{route.name} takes {drawn['body_limit_kib']} KiB and no more", show(fits) + show(large))
    if drawn.get("methods"):
        refused = next(it for it in ["DELETE", "PATCH", "PUT"] if it not in drawn["methods"])
        answer = route.ask(method=refused)
        if answer.json().get("service") is None:
            allowed = answer.all("Allow")
            report(is_error(answer, 405) and len(allowed) == 1 and route.method in allowed[0],
                   f"{route.name} refuses {refused}", show(answer))
    if route.credentials:
        answer = ask(route.port, route.host, route.prefix + "/seen", route.method)
        report(is_error(answer, 401), f"{route.name} asks for credentials", show(answer))
    rate = drawn.get("rate_limit")
    if rate:
        count = rate.get("burst", rate["requests_per_second"]) + rate["requests_per_second"] + 20
        with concurrent.futures.ThreadPoolExecutor(32) as pool:
            answers = list(pool.map(lambda _: route.ask(patience=1), range(count)))
        refused = [it for it in answers if it.status == 429]
        report(any(it.status == 200 for it in answers) and refused and all(is_error(it, 429) for it in refused),
               f"{route.name} limits the rate", [it.status for it in answers])


def check_origins(route):
    cors = route.drawn.get("cors")
    if not cors:
        return
    origin = cors["origins"][0]
    asked = "https://any.example.test" if origin == "*" else origin
    ahead = ask(route.port, route.host, route.prefix + "/seen", "OPTIONS",
                {"Origin": asked, "Access-Control-Request-Method": "GET"})
    report(ahead.status == 204 and ahead.all("Access-Control-Allow-Origin") == [origin]
           and ahead.all("Access-Control-Allow-Methods"), f"{route.name} lets {origin} ask ahead", show(ahead))
    then = route.ask(headers={"Origin": asked})
    credentials = ["true"] if cors.get("credentials") and origin != "*" else []
    report(then.all("Access-Control-Allow-Origin") == [origin] and not then.all("Access-Control-Allow-Methods")
           and then.all("Access-Control-Allow-Credentials") == credentials,
           f"{route.name} lets {origin} call", show(then))
    if origin != "*":
        other = route.ask(headers={"Origin": "https://evil.example.test"})
        report(not other.all("Access-Control-Allow-Origin"), f"{route.name} does not let others call", show(other))


def check_hosts(routes, port):
    named = next((it for it in routes if it.drawn.get("host")), None)
    host = named.host if named else "anything.example.test"
    if not any(not it.prefix for it in routes):
        answer = ask(port, host, "/no/such/route")
        report(is_error(answer, 404), "an unknown route answers 404 in JSON", show(answer))
    if named and all(it.drawn.get("host") for it in routes):
        answer = ask(port, "unknown.example.test", "/")
        report(answer.status == 0, "an unknown host is closed without an answer", show(answer))


def check_dead(route, backends):
    for server in backends[route.drawn["service"]][1]:
        server.is_dead = True
        server.shutdown()
        server.server_close()
    answer = route.ask()
    report(is_error(answer, 502), f"{route.drawn['service']} dead answers 502 in JSON", show(answer))


def check_log(folder):
    with open(os.path.join(folder, "access.log"), encoding="utf-8") as file:
        lines = file.read().splitlines()
    try:
        entries = [json.loads(it) for it in lines]
    except ValueError as error:
        report(False, "the access log is JSON", error)
        return
    numbers = ["http.response.status_code", "http.response.body.bytes", "event.duration"]
    fine = entries and all(it["http.request.id"] and it["service.name"]
                           and all(isinstance(it[number], int) for number in numbers) for it in entries)
    report(bool(fine) and any(it["http.request.id"] == "trace-12345678" for it in entries),
           "the access log is JSON with request ids", lines[:2])
    traced = [it for it in entries if it["trace.id"]]
    report({it["trace.id"] for it in traced} <= {TRACE}, "the access log knows traces", traced[:2])
    slow = [it for it in entries if it["http.response.status_code"] == 504]
    report(all(it["event.duration"] >= 10**8 for it in slow), "the access log counts nanoseconds", slow[:2])
    with open(os.path.join(folder, "error.log"), encoding="utf-8") as file:
        odd = [it for it in file if re.search(r"\[(emerg|alert|crit|warn)\]", it)
               and "a client request body is buffered" not in it]
    report(not odd, "nginx has nothing to complain about", odd[:3])


def check_health(project, text, port):
    drawn = [it.get("health", {}).get("path") for it in project["services"].values() if it["kind"] == "gateway"]
    path = next((it for it in drawn if it and f"location = {it} " in text), "/healthz")
    answer = ask(port, "unknown.example.test", path)
    report(answer.body == b"ok\n", f"the gateway answers for itself at {path}", show(answer))


def check_unreadable(text, port):
    """What cannot be read is refused as such, or closed where unknown hosts are."""
    is_closed = "return 444;" in text
    for what, request, status in (("a line of garbage", "GARBAGE", 400),
                                  ("a path with a zero in it", "GET /%00 HTTP/1.1\r\nHost: x", 400),
                                  ("a line that is too long", f"GET /{'a' * 40000} HTTP/1.1\r\nHost: x", 414)):
        said = b""
        with socket.create_connection((gateway.GATEWAY, port), 5) as connection:
            try:
                connection.sendall(f"{request}\r\nConnection: close\r\n\r\n".encode())
                while part := connection.recv(65536):
                    said += part
            except ConnectionError:
                pass  # closed, as it should be for a host that no route names
        fine = not said if is_closed else said.startswith(f"HTTP/1.1 {status} ".encode()) and f'"status":{status}'.encode() in said
        report(fine, f"{what} is {'not answered' if is_closed else 'refused'}", said[:200])


def check_all(project, text, backends, port):
    drawn = project.get("routes", {}).items()
    routes = {}
    for name, it in drawn:
        if it["service"] in backends:
            route = Route(name, it, port)
            calls = project.get("dependencies", {}).values()
            of_route = [call for call in calls if (call["from"], call["to"]) == (it["gateway"], it["service"])]
            route.call_ms = of_route[0].get("timeout_ms") if of_route else None
            # Of two that want the same, the gateway has the first.
            routes.setdefault((route.host, route.prefix, *sorted(route.methods)), route)
    routes = list(routes.values())
    for route in routes:
        check_reach(route)
        check_request_id(route)
        check_limits(route)
        check_origins(route)
    check_hosts(routes, port)
    if routes:
        check_dead(routes[0], backends)
    check_health(project, text, port)
    check_unreadable(text, port)


def main():
    project_path, bundle = sys.argv[1:3]
    program = sys.argv[3] if len(sys.argv) > 3 else "nginx"
    with open(project_path, encoding="utf-8") as file:
        project = json.load(file)
    with open(os.path.join(bundle, "gateway", "nginx.conf"), encoding="utf-8") as file:
        text = file.read()
    backends = start_backends(text)
    addresses = {name: address for name, (address, _) in backends.items()}
    with gateway.nginx(text, addresses, program) as (folder, port):
        check_all(project, text, backends, port)
        check_log(folder)
    sys.exit(1 if gateway.FAILED else 0)


if __name__ == "__main__":
    main()
