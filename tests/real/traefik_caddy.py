#!/usr/bin/env python3
"""Sends real traffic through an exported Traefik or Caddy configuration.

usage: traefik_caddy.py traefik|caddy GATEWAY_FOLDER PROJECT.meshboard.json
       traefik_caddy.py traefik GATEWAY_FOLDER

GATEWAY_FOLDER holds the exported files of one gateway. Without a project there is no
traffic: Traefik only has to know every router, middleware and service that stands in its
file, and to have nothing against one of them.

The gateway runs in a world where service names exist, on its exported files as they are
but for the address it listens on. Each service is a small server that says what it was
asked. Prints one line per check and exits with 1 if one failed.
"""

import concurrent.futures
import contextlib
import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time

import yaml

import gateway
from gateway import GATEWAY, ask, own_port, report, show
from nginx_traffic import Backend, Route, Server

PRIVATE = ["unshare", "--mount", "--propagation", "private"]
if os.geteuid() != 0:
    PRIVATE[1:1] = ["--user", "--map-root-user"]
ID = r"[A-Za-z0-9._-]{8,128}"


class Failing(Backend):
    """The same, but a broken service answers 500."""

    def answer(self):
        if not getattr(self.server, "is_broken", False):
            return Backend.answer(self)
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(500)
        self.send_header("Content-Length", "0")
        self.end_headers()
        return None

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer


def can_be_private():
    command = [*PRIVATE, "mount", "--bind", "/dev/null", "/etc/hosts"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


class World:
    """Names, and a loopback address for each."""

    def __init__(self, names):
        self.addresses = {name: gateway.address(number) for number, name in enumerate(sorted(set(names)))}
        self.is_private = can_be_private()

    def command(self, folder, words):
        """The words, run where each name leads to its address."""
        if not self.is_private:
            return words
        hosts = os.path.join(folder, "hosts")
        with open(hosts, "w", encoding="utf-8") as file:
            file.write("127.0.0.1 localhost\n")
            file.writelines(f"{address} {name}\n" for name, address in self.addresses.items())
        return [*PRIVATE, "bash", "-c", 'mount --bind "$1" /etc/hosts && shift && exec "$@"', "_", hosts, *words]

    def named(self, text, pattern):
        """The text; where names cannot exist, addresses stand in their place."""
        if self.is_private:
            return text
        return re.sub(pattern, lambda it: it[1] + self.addresses.get(it[2], it[2]) + it[3], text)

    def start(self, name, port):
        server = Server((self.addresses[name], port), Failing)
        server.service = name.removesuffix(".internal")
        server.is_dead = server.is_broken = False
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server


class Traefik:
    name = "traefik"

    def __init__(self, folder):
        with open(os.path.join(folder, "traefik.yaml"), encoding="utf-8") as file:
            self.startup = yaml.safe_load(file)
        with open(os.path.join(folder, "dynamic.yaml"), encoding="utf-8") as file:
            self.text = file.read()
        self.dynamic = yaml.safe_load(self.text)
        self.port = own_port(self.startup["entryPoints"]["web"]["address"].removeprefix(":"))
        self.log_level = self.startup["log"]["level"]

    def servers(self):
        """Every address that is asked: (name, port)."""
        for service in self.dynamic["http"].get("services", {}).values():
            name, port = re.fullmatch(r"http://(.+):(\d+)", service["loadBalancer"]["servers"][0]["url"]).groups()
            yield name, int(port)
            health = service["loadBalancer"].get("healthCheck", {})
            if "port" in health:
                yield name, health["port"]

    def command(self, world, folder):
        """Writes its files; only where it listens is another place, and the API is on."""
        dynamic = os.path.join(folder, "dynamic.yaml")
        with open(dynamic, "w", encoding="utf-8") as file:
            file.write(world.named(self.text, r"(http://)([^:/\s]+)(:\d+)"))
        startup = json.loads(json.dumps(self.startup))
        web = startup["entryPoints"]["web"]
        web["address"] = f"{GATEWAY}:{self.port}"
        startup["entryPoints"]["traefik"] = {**web, "address": f"{GATEWAY}:{self.port + 1}"}
        startup["log"]["level"] = self.log_level
        startup["api"] = {"insecure": True, "dashboard": False}
        startup["providers"]["file"]["filename"] = dynamic
        path = os.path.join(folder, "traefik.yaml")
        with open(path, "w", encoding="utf-8") as file:
            yaml.safe_dump(startup, file)
        return ["traefik", f"--configFile={path}"]

    def is_ready(self):
        """Whether it routes: it listens a moment before."""
        return ask(self.port, "any", health_path(self)).body == b"OK"

    def api(self, path):
        connection = http.client.HTTPConnection(GATEWAY, self.port + 1, timeout=10)
        try:
            connection.request("GET", f"/api/{path}")
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    def health(self):
        return self.dynamic["http"]["routers"]["entry_health"]["rule"].split("`")[1], b"OK"


class Caddy:
    name = "caddy"

    def __init__(self, folder):
        with open(os.path.join(folder, "Caddyfile"), encoding="utf-8") as file:
            self.text = file.read()
        self.listen = int(re.search(r"^http://:(\d+) \{$", self.text, re.M)[1])
        self.port = own_port(self.listen)

    def servers(self):
        snippets = dict(re.findall(r"^\(to_(\S+)\) \{\n(.*?)^\}", self.text, re.M | re.S))
        for name, port in set(re.findall(r"^\s+reverse_proxy (\S+):(\d+) \{", self.text, re.M)):
            yield name, int(port)
            for upstream in (name.removesuffix(".internal"), f"{name.removesuffix('.internal')}_{port}"):
                health = re.search(r"health_port (\d+)", snippets.get(upstream, ""))
                if health:
                    yield name, int(health[1])

    def command(self, world, folder):
        text = world.named(self.text, r"(reverse_proxy )([^:/\s]+)(:\d+)")
        text = re.sub(rf"^(http://\S*):{self.listen} \{{$", rf"\1:{self.port} {{\n\tbind {GATEWAY}", text, flags=re.M)
        path = os.path.join(folder, "Caddyfile")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return ["env", f"XDG_DATA_HOME={folder}", f"XDG_CONFIG_HOME={folder}",
                "caddy", "run", "--config", path, "--adapter", "caddyfile"]

    def is_ready(self):
        return ask(self.port, "any", health_path(self)).body == b"ok"

    def health(self):
        pattern = re.search(r"@health path_regexp `?\^(\S+?)\$`?$", self.text, re.M)[1]
        return pattern.replace("\\", ""), b"ok"


PROGRAMS = {it.name: it for it in (Traefik, Caddy)}


def health_path(proxy):
    return proxy.health()[0]


@contextlib.contextmanager
def running(proxy):
    """Runs a gateway and every service it knows; gives folder and servers by name."""
    asked = sorted(set(proxy.servers()))
    world = World(name for name, _ in asked)
    servers = {}
    for name, port in asked:
        servers.setdefault(name.removesuffix(".internal"), []).append(world.start(name, port))
    with tempfile.TemporaryDirectory(prefix=f"meshboard-{proxy.name}-") as folder:
        command = world.command(folder, proxy.command(world, folder))
        with (open(os.path.join(folder, "log"), "w", encoding="utf-8") as log,
              open(os.path.join(folder, "errors"), "w", encoding="utf-8") as errors):
            process = subprocess.Popen(command, stdout=log, stderr=errors)
        try:
            await_ready(process, proxy, folder)
            yield folder, servers, world
        finally:
            gateway.stop(process)


def await_ready(process, proxy, folder):
    for _ in range(400):
        if process.poll() is not None:
            break
        if proxy.is_ready():
            return
        time.sleep(0.05)
    for name in ("errors", "log"):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            print(file.read()[-3000:])
    sys.exit(f"{proxy.name} did not start")


def entries(folder):
    """The log, one object a line; whatever else a program prints is a mistake."""
    with open(os.path.join(folder, "log"), encoding="utf-8") as file:
        return [json.loads(it) for it in file]


def complaints(folder):
    """What the program itself warned of, but for services that are down on purpose."""
    def is_odd(it):
        level = it.get("level") or it.get("log.level")
        text = it.get("msg") or it.get("message") or ""
        expected = ("Health check failed" in text or "admin endpoint disabled" in text or "byeee" in text
                    or "handled request" in text or "RequestPath" in it
                    or "request body over limit" in text or text.startswith("CircuitBreaker(state=")
                    or "aborting with incomplete response" in text)
        return level in ("warn", "error", "fatal", "panic", "WRN", "ERR") and not expected
    return [it for it in entries(folder) if is_odd(it)]


class Checks:
    """The same questions to both; what a dialect cannot do is asked the way it does it."""

    def __init__(self, proxy, project, servers, world):
        self.proxy, self.project, self.servers, self.world = proxy, project, servers, world
        self.makes_ids = self.is_json = proxy.name == "caddy"

    def is_error(self, answer, status):
        if not self.is_json:
            return answer.status == status and answer.all("X-Content-Type-Options") == ["nosniff"]
        return gateway.is_error(answer, status)

    def reach(self, route):
        answer = route.ask("/seen?x=1")
        said = answer.json()
        strips = route.drawn.get("strip_prefix")
        path = "/seen?x=1" if strips else route.prefix + "/seen?x=1"
        report(said.get("service") == route.drawn["service"] and said.get("path") == path,
               f"{route.name} reaches {route.drawn['service']}", show(answer))
        report(answer.all("X-Content-Type-Options") == ["nosniff"] and not answer.all("X-Powered-By")
               and not answer.all("Server") and len(answer.all("X-Frame-Options")) == 1,
               f"{route.name} says security headers once", show(answer))
        if route.prefix:
            exact = route.ask("").json()
            report(exact.get("path") == ("/" if strips else route.prefix),
                   f"{route.name} also takes its bare path", exact)
            other = ask(route.port, route.host, route.prefix + "-archive", route.method, route.credentials)
            report(other.json().get("path") != "-archive", f"{route.name} leaves longer names alone", show(other))

    def request_id(self, route):
        def seen(answer):
            return answer.json().get("headers", {}).get("x-request-id")

        kept = route.ask(headers={"X-Request-ID": "trace-12345678"})
        returned = kept.all("X-Request-ID") == ["trace-12345678"] or not self.makes_ids
        report(seen(kept) == "trace-12345678" and returned, f"{route.name} keeps a request id", show(kept))
        odd = route.ask(headers={"X-Request-ID": 'x" } evil'})
        if self.makes_ids:
            fine = re.fullmatch(ID, seen(odd) or "") and odd.all("X-Request-ID") == [seen(odd)]
            report(bool(fine), f"{route.name} replaces a malformed request id", show(odd))
        else:
            report(odd.status == 200 and seen(odd) is None,
                   f"{route.name} takes a malformed request id off", show(odd))
        traced = route.ask(headers={"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"})
        report(traced.json().get("headers", {}).get("traceparent", "").startswith("00-aaa"),
               f"{route.name} passes a trace on", show(traced))

    def limits(self, route):
        drawn = route.drawn
        if drawn.get("timeout_ms"):
            seconds = drawn["timeout_ms"] / 1000
            start = time.monotonic()
            answer = route.ask(headers={"X-Test-Sleep": str(seconds * 3 + 1)})
            took = time.monotonic() - start
            # Each drawn attempt has the whole time.
            attempts = self.attempts(route)
            report(self.is_error(answer, 504) and seconds * 0.9 <= took < attempts * (seconds + 0.3) + 0.9,
                   f"{route.name} gives up after {drawn['timeout_ms']} ms", f"{took:.2f} s, {show(answer)}")
        if drawn.get("body_limit_kib") and "POST" in route.methods:
            size = drawn["body_limit_kib"] * 1024
            fits = route.ask(method="POST", body=b"x" * size)
            large = route.ask(method="POST", body=b"x" * (size + 1))
            report(fits.status == 200 and self.is_error(large, 413),
                   f"{route.name} takes {drawn['body_limit_kib']} KiB and no more", show(fits) + show(large))
        if drawn.get("methods"):
            refused = next(it for it in ["DELETE", "PATCH", "PUT"] if it not in drawn["methods"])
            answer = route.ask(method=refused)
            if answer.json().get("service") is None:
                allowed = answer.all("Allow")
                report(self.is_error(answer, 405) and len(allowed) == 1 and route.method in allowed[0],
                       f"{route.name} refuses {refused}", show(answer))
        if route.credentials:
            answer = ask(route.port, route.host, route.prefix + "/seen", route.method)
            report(self.is_error(answer, 401), f"{route.name} asks for credentials", show(answer))
        if drawn.get("rate_limit") and self.proxy.name == "traefik":
            self.rate(route, drawn["rate_limit"])

    def attempts(self, route):
        calls = (it for it in self.project.get("dependencies", {}).values()
                 if it["from"] == route.drawn["gateway"] and it["to"] == route.drawn["service"])
        return max([1 + it.get("retries", {}).get("count", 0) for it in calls], default=1)

    def rate(self, route, rate):
        count = rate.get("burst", rate["requests_per_second"]) + rate["requests_per_second"] + 20
        with concurrent.futures.ThreadPoolExecutor(32) as pool:
            answers = list(pool.map(lambda _: route.ask(patience=1), range(count)))
        refused = [it for it in answers if it.status == 429]
        report(any(it.status == 200 for it in answers) and refused and all(self.is_error(it, 429) for it in refused),
               f"{route.name} limits the rate", [it.status for it in answers])

    def origins(self, route):
        cors = route.drawn.get("cors")
        if not cors:
            return
        origin = cors["origins"][0]
        asked = "https://any.example.test" if origin == "*" else origin
        ahead = ask(route.port, route.host, route.prefix + "/seen", "OPTIONS",
                    {"Origin": asked, "Access-Control-Request-Method": route.method})
        report(ahead.status in (200, 204) and ahead.all("Access-Control-Allow-Origin") == [origin]
               and ahead.all("Access-Control-Allow-Methods") and not ahead.json(),
               f"{route.name} lets {origin} ask ahead", show(ahead))
        then = route.ask(headers={"Origin": asked})
        credentials = ["true"] if cors.get("credentials") and origin != "*" else []
        report(then.all("Access-Control-Allow-Origin") == [origin]
               and then.all("Access-Control-Allow-Credentials") == credentials,
               f"{route.name} lets {origin} call", show(then))
        if origin != "*":
            other = route.ask(headers={"Origin": "https://evil.example.test"})
            report(not other.all("Access-Control-Allow-Origin"), f"{route.name} does not let others call", show(other))

    def hosts(self, routes):
        named = next((it for it in routes if it.drawn.get("host")), None)
        host = named.host if named else "anything.example.test"
        if not any(not it.prefix for it in routes):
            answer = ask(self.proxy.port, host, "/no/such/route")
            report(self.is_error(answer, 404), "an unknown route answers 404", show(answer))
        if named and all(it.drawn.get("host") for it in routes):
            answer = ask(self.proxy.port, "unknown.example.test", "/")
            if self.is_json:
                report(answer.status == 0, "an unknown host is closed without an answer", show(answer))
            else:
                report(answer.status == 404, "an unknown host answers 404", show(answer))

    def health(self):
        path, body = self.proxy.health()
        answer = ask(self.proxy.port, "unknown.example.test", path)
        report(answer.status == 200 and answer.body == body, f"the gateway answers for itself at {path}", show(answer))

    def dead(self, route):
        for server in self.servers[route.drawn["service"]]:
            server.is_dead = True
            server.shutdown()
            server.server_close()
        answer = route.ask()
        report(self.is_error(answer, 502) or self.is_error(answer, 503),
               f"{route.drawn['service']} dead answers 502 or 503", show(answer))

    def breaker(self, route, call):
        """It opens after failures, and closes again once the service is well."""
        servers = self.servers[route.drawn["service"]]
        for server in servers:
            server.is_broken = True
        statuses = []
        for _ in range(60):
            statuses.append(route.ask().status)
            if statuses[-1] == 503:
                break
            time.sleep(0.05)
        report(500 in statuses and statuses[-1] == 503, f"the breaker of {route.name} opens", statuses)
        for server in servers:
            server.is_broken = False
        opened, open_s = time.monotonic(), call["breaker"].get("open_ms", 30_000) / 1000
        early = route.ask().status
        report(early == 503, f"the breaker of {route.name} turns away a service that is well again", early)
        while time.monotonic() < opened + 2 * open_s + 10:
            answers = [route.ask().status for _ in range(5)]
            if answers == [200] * 5:
                break
            time.sleep(0.2)
        took = time.monotonic() - opened
        report(answers == [200] * 5 and took > open_s * 0.5, f"the breaker of {route.name} closes again",
               f"{answers} after {took:.1f} s")

    def all(self):
        routes = {}
        for name, it in self.project.get("routes", {}).items():
            if it["service"] in self.servers:
                route = Route(name, it, self.proxy.port)
                # Of two that want the same, the gateway has the first.
                routes.setdefault((route.host, route.prefix, *sorted(route.methods)), route)
        routes = list(routes.values())
        for route in routes:
            # On a busy machine its health check may not have passed yet.
            self.quiet(route)
            self.reach(route)
            self.request_id(route)
            self.origins(route)
            self.limits(route)
        self.hosts(routes)
        self.health()
        for route in routes:
            for call in self.project.get("dependencies", {}).values():
                is_its = call["from"] == route.drawn["gateway"] and call["to"] == route.drawn["service"]
                if is_its and call.get("breaker"):
                    self.quiet(route)
                    self.breaker(route, call)
                    break
            else:
                continue
            break
        if routes:
            self.dead(routes[0])

    def quiet(self, route):
        """Waits until failures that were made on purpose are forgotten."""
        for _ in range(400):
            if route.ask().status == 200:
                return
            time.sleep(0.1)

    def log(self, folder):
        try:
            lines = entries(folder)
        except ValueError as error:
            report(False, "the log is JSON", error)
            return
        status, request_id = (("http.response.status_code", "http.request.id") if self.makes_ids
                              else ("DownstreamStatus", "request_X-Request-Id"))
        access = [it for it in lines if status in it]
        fine = access and all(isinstance(it[status], int) for it in access)
        if self.makes_ids:
            fine = fine and all(re.fullmatch(ID, it["http.request.id"]) and it["@timestamp"] and it["url.path"]
                                and it["event.duration"] > 0 for it in access)
            fine = fine and any(it.get("trace.id") == "a" * 32 for it in access)
        report(bool(fine) and any(it.get(request_id) == "trace-12345678" for it in access),
               "the access log is JSON with request ids", access[:2])
        odd = complaints(folder)
        report(not odd, f"{self.proxy.name} has nothing to complain about", odd[:3])


def known(proxy, folder):
    """Traefik drops what it does not understand: everything in the file has to be there."""
    for kind in ("routers", "middlewares", "services"):
        wanted = {f"{name}@file" for name in proxy.dynamic["http"].get(kind, {})}
        found = {it["name"]: it for it in proxy.api(f"http/{kind}?per_page=10000")}
        odd = [it for name, it in found.items() if name in wanted and (it.get("status") != "enabled" or it.get("error"))]
        extra = {it for it in found if it.endswith("@file")} - wanted
        report(wanted <= set(found) and not odd and not extra, f"Traefik knows {len(wanted)} {kind}",
               f"{sorted(wanted - set(found))} {odd} {sorted(extra)}")
    odd = complaints(folder)
    report(not odd, "Traefik has nothing to complain about", odd[:3])


def main():
    program, place = sys.argv[1:3]
    proxy = PROGRAMS[program](place)
    with running(proxy) as (folder, servers, world):
        if len(sys.argv) < 4:
            known(proxy, folder)
        else:
            with open(sys.argv[3], encoding="utf-8") as file:
                project = json.load(file)
            own = os.path.basename(os.path.normpath(place))
            if own != program:
                # One of several gateways: its folder has its id.
                routes = project.get("routes", {}).items()
                project["routes"] = {name: it for name, it in routes if it["gateway"] == own}
            checks = Checks(proxy, project, servers, world)
            checks.all()
            if project.get("routes"):
                checks.log(folder)
    sys.exit(1 if gateway.FAILED else 0)


if __name__ == "__main__":
    main()
