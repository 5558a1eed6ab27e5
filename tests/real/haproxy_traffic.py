#!/usr/bin/env python3
"""Sends real traffic through an exported HAProxy configuration.

usage: haproxy_traffic.py PROJECT.meshboard.json BUNDLE_FOLDER [HAPROXY]

The configuration runs as it was exported, except for the address it listens on. Each
service is a small server that says what it was asked; what holds for every gateway is
asked by the checks of nginx. Prints one line per check and exits with 1 if one failed.
"""

import concurrent.futures
import contextlib
import json
import os
import re
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

import gateway
import nginx_traffic
from gateway import GATEWAY, ask, is_error, report, show
from nginx_traffic import Route

SERVER = re.compile(r"^ +server(?:-template)? \S+(?: \d+)? ([a-z0-9.-]+):(\d+) (.*)$", re.M)
BACKEND = re.compile(r"^backend (\S+)\n((?: .*\n|\n)*)", re.M)
TRACE = "0af7651916cd43dd8448eb211c80319c"


class Backend(nginx_traffic.Backend):
    """Fails if it is told to; its health does not suffer from that."""

    def answer(self):
        is_check = self.headers.get("X-Request-ID") is None
        if self.server.is_failing and not is_check:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(500)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        super().answer()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer


def start_backends(text):
    """A server for each port that is called or checked; name -> (address, servers)."""
    wanted = set()
    for name, port, words in SERVER.findall(text):
        wanted.add((name, int(port)))
        wanted.update((name, int(it)) for it in re.findall(r"\bport (\d+)", words))
    backends = {}
    for name, port in sorted(wanted):
        name = name.removesuffix(".internal")
        address, servers = backends.setdefault(name, (gateway.address(len(backends)), []))
        server = nginx_traffic.Server((address, port), Backend)
        server.service, server.is_dead, server.is_failing = name, False, False
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
    return backends


class Names:
    """Answers every question for a name with its address, as Docker's resolver does."""

    def __init__(self, addresses):
        self.addresses = addresses
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((gateway.address(200), 53))
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            with contextlib.suppress(OSError, IndexError):
                question, sender = self.socket.recvfrom(4096)
                self.socket.sendto(self.answer(question), sender)

    def answer(self, question):
        labels, at = [], 12
        while question[at]:
            labels.append(question[at + 1:at + 1 + question[at]].decode())
            at += 1 + question[at]
        asked = question[12:at + 5]
        address = self.addresses.get(".".join(labels).removesuffix(".internal"))
        kind = struct.unpack("!H", question[at + 1:at + 3])[0]
        found = address is not None and kind == 1
        flags = 0x8180 if address else 0x8183
        head = question[:2] + struct.pack("!HHHHH", flags, 1, int(found), 0, 0)
        record = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 5, 4) + socket.inet_aton(address) if found else b""
        return head + asked + record


@contextlib.contextmanager
def haproxy(text, addresses, program="haproxy"):
    """Runs HAProxy where each name leads to its address; gives its folder and port."""
    with tempfile.TemporaryDirectory(prefix="meshboard-haproxy-") as folder:
        def path(name):
            return os.path.join(folder, name)

        port = gateway.own_port(re.search(r"\bbind :(\d+)", text)[1])
        with open(path("hosts"), "w", encoding="utf-8") as file:
            file.write("127.0.0.1 localhost\n")
            file.writelines(f"{address} {name} {name}.internal\n" for name, address in addresses.items())
        with open(path("haproxy.cfg"), "w", encoding="utf-8") as file:
            file.write(re.sub(r"\bbind :\d+", f"bind {GATEWAY}:{port}", text))
        environment = {**os.environ, "TMPDIR": folder}
        # Names are asked for at port 53, which is root's.
        if os.geteuid() == 0:
            Names(addresses)
            with open(path("resolv.conf"), "w", encoding="utf-8") as file:
                file.write(f"nameserver {gateway.address(200)}\n")
            environment["RESOLV_CONF"] = path("resolv.conf")
        command = [os.path.join(gateway.HERE, "haproxy.sh"), path("hosts"), path("haproxy.cfg"), program, "-dW", "-db"]
        with (open(path("access.log"), "w", encoding="utf-8") as log,
              open(path("error.log"), "w", encoding="utf-8") as errors):
            process = subprocess.Popen(command, stdout=log, stderr=errors, env=environment)
        try:
            gateway.await_listening(process, port, path("error.log"))
            yield folder, port
        finally:
            gateway.stop(process)


def check_request_id(route):
    kept = route.ask(headers={"X-Request-ID": "trace-12345678", "traceparent": f"00-{TRACE}-b7ad6b7169203331-01"})
    passed_on = kept.json().get("headers", {})
    report(passed_on.get("x-request-id") == "trace-12345678" and kept.all("X-Request-ID") == ["trace-12345678"]
           and passed_on.get("traceparent", "").startswith(f"00-{TRACE}-"),
           f"{route.name} keeps a request id and a trace", show(kept))
    made = route.ask(headers={"X-Request-ID": 'x" } evil'})
    said = made.json().get("headers", {}).get("x-request-id", "")
    report(re.fullmatch(r"[0-9a-f-]{36}", said) is not None and made.all("X-Request-ID") == [said],
           f"{route.name} replaces a malformed request id", show(made))
    hops = route.ask(headers={"X-Forwarded-For": "203.0.113.7"}).json().get("headers", {})
    report("203.0.113.7" not in hops.get("x-forwarded-for", "203.0.113.7"),
           f"{route.name} does not pass on what a caller says of its address", hops)


def check_limits(route, attempts):
    drawn = route.drawn
    if drawn.get("timeout_ms"):
        seconds = drawn["timeout_ms"] / 1000 * (attempts if route.method in {"GET", "PUT", "DELETE"} else 1)
        start = time.monotonic()
        answer = route.ask(headers={"X-Test-Sleep": str(seconds * 2 + 1)})
        took = time.monotonic() - start
        report(is_error(answer, 504) and seconds * 0.9 <= took < seconds * 1.5 + 1.5,
               f"{route.name} gives up after {drawn['timeout_ms']} ms, {attempts} times", f"{took:.2f} s, {show(answer)}")
    if drawn.get("body_limit_kib") and "POST" in route.methods:
        size = drawn["body_limit_kib"] * 1024
        fits = route.ask(method="POST", body=b"x" * size)
        large = route.ask(method="POST", body=b"x" * (size + 1))
        report(fits.status == 200 and is_error(large, 413),
               f"{route.name} takes {drawn['body_limit_kib']} KiB and no more", show(fits) + show(large))
        chunked = route.ask(method="POST", body=b"1\r\nx\r\n0\r\n\r\n", headers={"Transfer-Encoding": "chunked"})
        report(is_error(chunked, 411), f"{route.name} wants to know how long a body is", show(chunked))
    if drawn.get("methods"):
        refused = next(it for it in ["DELETE", "PATCH", "PUT"] if it not in drawn["methods"])
        answer = route.ask(method=refused)
        if answer.json().get("service") is None:
            allowed = answer.all("Allow")
            report(is_error(answer, 405) and len(allowed) == 1 and route.method in allowed[0],
                   f"{route.name} refuses {refused}", show(answer))
    if route.credentials:
        for empty in [{}, dict.fromkeys(route.credentials, "")]:
            answer = ask(route.port, route.host, route.prefix + "/seen", route.method, empty)
            report(is_error(answer, 401), f"{route.name} asks for credentials", show(answer))
    rate = drawn.get("rate_limit")
    if rate:
        most = rate.get("burst", rate["requests_per_second"]) + rate["requests_per_second"]
        time.sleep(most / rate["requests_per_second"] * 2)
        with concurrent.futures.ThreadPoolExecutor(32) as pool:
            answers = list(pool.map(lambda _: route.ask(patience=1), range(most + 30)))
        fine = sum(it.status == 200 for it in answers)
        refused = [it for it in answers if it.status == 429]
        report(most <= fine < most + 30 and refused and all(is_error(it, 429) for it in refused),
               f"{route.name} lets {most} requests in at once and no more", f"{fine} of {len(answers)}")


def check_paths(route):
    for path in ["/../x", "/%2e%2e/x", "/a%2fb", "/a%5cb"]:
        answer = ask(route.port, route.host, route.prefix + path, route.method, route.credentials)
        report(is_error(answer, 400), f"{route.name} refuses {path}", show(answer))


def backend_of(text, upstream):
    return next((inside for name, inside in BACKEND.findall(text) if name == upstream), "")


def check_places(route, inside):
    found = re.search(r"be_conn gt (\d+)", inside)
    rate = route.drawn.get("rate_limit")
    room = rate["requests_per_second"] if rate else 1000
    if not found or int(found[1]) + 20 > min(room, 150) or route.drawn.get("timeout_ms", 9000) < 500:
        return
    most = int(found[1])
    sleep = str(min(route.drawn.get("timeout_ms", 2000) / 2000, 1))
    with concurrent.futures.ThreadPoolExecutor(most + 20) as pool:
        answers = list(pool.map(lambda _: route.ask(headers={"X-Test-Sleep": sleep}), range(most + 20)))
    fine = sum(it.status == 200 for it in answers)
    report(fine == most and all(is_error(it, 503) for it in answers if it.status != 200),
           f"{route.name}: {most} calls may be under way at once", f"{fine} of {len(answers)}")


def check_failing(route, inside, servers):
    """Failures in a row take the only replica out, passed checks bring it back."""
    found = re.search(r"inter (\S+?)(ms|s) fall \d+ rise (\d+).* error-limit (\d+)", inside)
    if not found:
        return
    interval = int(found[1]) * (1 if found[2] == "s" else 0.001)
    rise, limit = int(found[3]), int(found[4])
    for server in servers:
        server.is_failing = True
    answers = [route.ask() for _ in range(limit + 3)]
    out_since = time.monotonic()
    fine = all(it.status == 500 for it in answers[:limit]) and is_error(answers[-1], 503)
    report(fine, f"{route.name}: {limit} failures in a row take the replica out", [it.status for it in answers])
    for server in servers:
        server.is_failing = False
    longest = interval * rise
    if longest > 25:
        return
    while (answer := route.ask()).status == 503 and time.monotonic() - out_since < longest + 10:
        time.sleep(0.2)
    took = time.monotonic() - out_since
    report(answer.status == 200 and interval * (rise - 1) - 1 <= took < longest + 3,
           f"{route.name}: the replica is back within {interval * (rise - 1):.1f} to {longest:.1f} s",
           f"{took:.1f} s, {show(answer)}")


def check_dead(route, backends):
    for server in backends[route.drawn["service"]][1]:
        server.is_dead = True
        server.shutdown()
        server.server_close()
    answer = route.ask()
    report(is_error(answer, answer.status) and answer.status in {502, 503},
           f"{route.drawn['service']} dead answers {answer.status} in JSON", show(answer))


def check_garbage(port):
    with socket.create_connection((GATEWAY, port), 5) as connection:
        connection.sendall(b"\x00 garbage \r\n\r\n")
        said = connection.recv(4096)
    report(said.startswith(b"HTTP/1.1 400 ") or not said, "what is no HTTP is refused", said)


def check_log(folder, has_routes):
    with open(os.path.join(folder, "access.log"), encoding="utf-8") as file:
        lines = file.read().splitlines()
    try:
        entries = [json.loads(it) for it in lines]
    except ValueError as error:
        report(False, "the log is JSON", f"{error}: {[it for it in lines if not it.endswith('}')][:2] or lines[-1:]}")
        return
    asked = [it for it in entries if "http.request.id" in it]
    fine = all(isinstance(it["http.response.status_code"], int) and isinstance(it["event.duration"], int)
               and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", it["@timestamp"])
               and it["url.path"].startswith("/") for it in asked)
    report(bool(asked) and fine, "the log is JSON in the names of ECS", lines[:2])
    if has_routes:
        report(any(it.get("trace.id") == TRACE and it["http.request.id"] == "trace-12345678" for it in asked),
               "the log has request and trace ids", lines[:2])
    report(any(it["message"] == "a request could not be read" for it in entries),
           "the log has what could not be read", lines[-2:])
    with open(os.path.join(folder, "error.log"), encoding="utf-8") as file:
        odd = [it for it in file if not re.search(r" is (DOWN|UP|going DOWN)|has no server available|^\[NOTICE\]", it)]
    report(not odd, "HAProxy has nothing to complain about", odd[:3])


def check_health(text, port):
    path = re.search(r"http-request return status 200 .* \{ path -m str -- (\S+) \}", text)[1]
    answer = ask(port, "unknown.example.test", path)
    report(answer.body == b"ok\n", f"the gateway answers for itself at {path}", show(answer))


def check_all(project, text, backends, port):
    calls = {(it["from"], it["to"]): it for it in project.get("dependencies", {}).values()}
    # A design with several gateways exports into folders of their own, so there is one.
    only = re.search(r"^frontend (\S+)", text, re.M)[1]
    routes = {}
    for name, it in project.get("routes", {}).items():
        if it["gateway"] == only and it["service"] in backends:
            route = Route(name, it, port)
            # Of two that want the same, the gateway has the first.
            routes.setdefault((route.host, route.prefix, *sorted(route.methods)), route)
    routes = list(routes.values())
    check_health(text, port)
    for route in routes:
        call = calls.get((only, route.drawn["service"]), {})
        nginx_traffic.check_reach(route)
        check_request_id(route)
        check_limits(route, (call.get("retries") or {"count": 0})["count"] + 1)
        nginx_traffic.check_origins(route)
    if routes:
        check_paths(routes[0])
    nginx_traffic.check_hosts(routes, port)
    seen = set()
    for route in routes:
        upstream = re.search(rf"^ +use_backend (\S+) if route\.{re.escape(route.name)}$", text, re.M)
        if upstream and upstream[1] not in seen:
            seen.add(upstream[1])
            inside = backend_of(text, upstream[1])
            check_places(route, inside)
            check_failing(route, inside, backends[route.drawn["service"]][1])
    if routes:
        check_dead(routes[0], backends)
    check_garbage(port)


def main():
    project_path, bundle = sys.argv[1:3]
    program = sys.argv[3] if len(sys.argv) > 3 else "haproxy"
    with open(project_path, encoding="utf-8") as file:
        project = json.load(file)
    with open(os.path.join(bundle, "haproxy", "haproxy.cfg"), encoding="utf-8") as file:
        text = file.read()
    backends = start_backends(text)
    addresses = {name: address for name, (address, _) in backends.items()}
    with haproxy(text, addresses, program) as (folder, port):
        check_all(project, text, backends, port)
        check_log(folder, "use_backend" in text)
    sys.exit(1 if gateway.FAILED else 0)


if __name__ == "__main__":
    main()
