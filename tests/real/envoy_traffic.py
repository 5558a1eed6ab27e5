#!/usr/bin/env python3
"""Sends real traffic through an exported Envoy configuration.

usage: envoy_traffic.py PROJECT.meshboard.json CONFIGURATION GATEWAY

The checks are those of nginx wherever both mean the same. Prints one line per check and
exits with 1 if one failed.
"""

import http.client
import json
import os
import re
import sys
import threading
import time

import yaml

import envoys
import gateway
import nginx_traffic
from gateway import ask, is_error, report, show
from nginx_traffic import Backend, Route, Server


def start_backends(text):
    """A server for each address of the configuration; name -> (address, servers)."""
    backends = {}
    for name, ports in sorted(envoys.clusters(yaml.safe_load(text)).values(), key=lambda it: it[0]):
        address, servers = backends.setdefault(name, (gateway.address(len(backends)), []))
        for port in sorted(ports - {it.server_address[1] for it in servers}):
            server = Server((address, port), Backend)
            server.service, server.is_dead = name, False
            threading.Thread(target=server.serve_forever, daemon=True).start()
            servers.append(server)
    return backends


def check_request_id(route):
    kept = route.ask(headers={"X-Request-ID": "trace-12345678"})
    report(kept.json().get("headers", {}).get("x-request-id") == "trace-12345678"
           and kept.all("X-Request-ID") == ["trace-12345678"], f"{route.name} keeps a request id", show(kept))
    for wrong in ['x" } evil', "short", "x" * 129]:
        made = route.ask(headers={"X-Request-ID": wrong})
        said = made.json().get("headers", {}).get("x-request-id", "")
        report(re.fullmatch(r"[0-9a-f-]{36}", said) is not None and made.all("X-Request-ID") == [said],
               f"{route.name} replaces the malformed request id {wrong[:9]!r}", show(made))


def check_headers(route):
    sent = {"traceparent": "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01", "X-Forwarded-For": "6.6.6.6",
            "x-envoy-upstream-rq-timeout-ms": "1", "x-envoy-retry-on": "5xx", "X-Forwarded-Host": "evil.example.test"}
    answer = route.ask(headers=sent)
    seen = answer.json().get("headers", {})
    report(seen.get("traceparent") == sent["traceparent"] and "6.6.6.6" not in seen.get("x-forwarded-for", "6.6.6.6")
           and seen.get("x-forwarded-host") == route.host and "x-envoy-retry-on" not in seen
           and seen.get("x-envoy-expected-rq-timeout-ms") != "1",
           f"{route.name} believes no caller who it is or how to be served", show(answer))
    report(not [name for name, _ in answer.headers if name.lower().startswith("x-envoy")],
           f"{route.name} tells callers nothing of Envoy", show(answer))
    refused = route.ask(headers={"With_Underscore": "1"})
    report(refused.status == 400, f"{route.name} refuses headers with underscores", show(refused))


def check_origins(route):
    cors = route.drawn.get("cors")
    if not cors:
        return
    origin = cors["origins"][0]
    asked = "https://any.example.test" if origin == "*" else origin
    ahead = ask(route.port, route.host, route.prefix + "/seen", "OPTIONS",
                {"Origin": asked, "Access-Control-Request-Method": "GET"})
    report(ahead.status == 200 and ahead.all("Access-Control-Allow-Origin") == [asked] and ahead.body == b""
           and ahead.all("Access-Control-Allow-Methods"), f"{route.name} lets {origin} ask ahead", show(ahead))
    then = route.ask(headers={"Origin": asked})
    credentials = ["true"] if cors.get("credentials") and origin != "*" else []
    report(then.all("Access-Control-Allow-Origin") == [asked] and then.all("Vary") == ["Origin"]
           and then.all("Access-Control-Allow-Credentials") == credentials,
           f"{route.name} lets {origin} call", show(then))
    if origin != "*":
        other = route.ask(headers={"Origin": "https://evil.example.test"})
        report(not other.all("Access-Control-Allow-Origin"), f"{route.name} does not let others call", show(other))


def check_rate_of_another(route):
    """Another client has a rate of its own."""
    if not route.drawn.get("rate_limit"):
        return
    connection = http.client.HTTPConnection(gateway.GATEWAY, route.port, 20, (gateway.address(200), 0))
    connection.request(route.method, route.prefix + "/seen", None, {"Host": route.host, **route.credentials})
    response = connection.getresponse()
    status = response.status
    response.read()
    report(status == 200, f"{route.name} limits each client for itself", status)
    connection.close()


def check_hosts(routes, port):
    named = next((it for it in routes if it.drawn.get("host")), None)
    host = named.host if named else "anything.example.test"
    if not any(not it.prefix for it in routes):
        answer = ask(port, host, "/no/such/route")
        report(is_error(answer, 404), "an unknown route answers 404 in JSON", show(answer))
    if named and all(it.drawn.get("host") for it in routes):
        answer = ask(port, "unknown.example.test", named.prefix or "/")
        report(is_error(answer, 404), "an unknown host answers 404 in JSON", show(answer))
    if named:
        answer = ask(port, f"{named.host}:{port}", named.prefix + "/seen", named.method, named.credentials)
        report(answer.status == 200, "a host may come with its port", show(answer))


def check_dead(route, backends):
    for server in backends[route.drawn["service"]][1]:
        server.is_dead = True
        server.shutdown()
        server.server_close()
    answer = route.ask(headers={"X-Request-ID": "the-last-one"})
    report(is_error(answer, 503), f"{route.drawn['service']} dead answers 503 in JSON", show(answer))


def check_log(folder, last):
    """Looks at the log once it has the last request."""
    for _ in range(100):
        with open(os.path.join(folder, "access.log"), encoding="utf-8") as file:
            lines = file.read().splitlines()
        if any(f'"{last}"' in it for it in lines):
            break
        time.sleep(0.05)
    entries = [json.loads(it) for it in lines]
    # What Envoy could not read as a request has neither method nor path.
    entries = [it for it in entries if not it["envoy.details"].startswith("http1.")]
    wanted = {"@timestamp": str, "log.level": str, "message": str, "ecs.version": str, "service.name": str,
              "http.request.method": str, "url.path": str, "http.response.status_code": int, "event.duration": int}
    odd = [it for it in entries if any(not isinstance(it.get(key), kind) for key, kind in wanted.items())]
    report(entries and not odd, "the access log is JSON in ECS fields", odd[:2])
    report(any(it["http.request.id"] == "trace-12345678" for it in entries)
           and any(it["trace.id"] == "0123456789abcdef0123456789abcdef" for it in entries),
           "the access log has request and trace ids", entries[:1])
    report(not any("?" in it["url.path"] for it in entries), "the access log keeps no query", "")
    with open(os.path.join(folder, "error.log"), encoding="utf-8") as file:
        complaints = [it for it in file if "caught ENVOY_SIGTERM" not in it]
    report(not complaints, "Envoy has nothing to complain about", complaints[:3])


def check_health(text, port):
    filters = yaml.safe_load(text)["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]
    filters = filters["typed_config"]["http_filters"]
    path = next(it for it in filters if "health_check" in it["name"])
    path = path["typed_config"]["headers"][0]["string_match"]["exact"]
    answer = ask(port, "unknown.example.test", path)
    report(answer.status == 200 and answer.body == b"ok\n", f"the gateway answers for itself at {path}", show(answer))


def main():
    project_path, path, own = sys.argv[1:4]
    with open(project_path, encoding="utf-8") as file:
        project = json.load(file)
    with open(path, encoding="utf-8") as file:
        text = file.read()
    backends = start_backends(text)
    with envoys.running(text, {name: [it[0]] for name, it in backends.items()}) as (folder, ports, _):
        routes = {}
        for name, it in project.get("routes", {}).items():
            if it["service"] in backends and it["gateway"] == own:
                route = Route(name, it, ports[0])
                # Of two that want the same, the gateway has the first.
                routes.setdefault((route.host, route.prefix, *sorted(route.methods)), route)
        routes = list(routes.values())
        for route in routes:
            nginx_traffic.check_reach(route)
            check_request_id(route)
            check_headers(route)
            nginx_traffic.check_limits(route)
            check_rate_of_another(route)
            check_origins(route)
        check_hosts(routes, ports[0])
        check_health(text, ports[0])
        if routes:
            check_dead(routes[0], backends)
            check_log(folder, "the-last-one")
    sys.exit(1 if gateway.FAILED else 0)


if __name__ == "__main__":
    main()
