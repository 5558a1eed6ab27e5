"""What Caddy understood of the odd design: its own JSON, as `caddy adapt` prints it."""

import json
import os
import subprocess

TARGET = GATEWAY = "caddy"

MS = 1_000_000


def read(folder):
    caddyfile = os.path.join(folder, "caddy", "Caddyfile")
    adapted = subprocess.run(["caddy", "adapt", "--config", caddyfile, "--adapter", "caddyfile"],
                             check=True, capture_output=True, text=True)
    server = next(iter(json.loads(adapted.stdout)["apps"]["http"]["servers"].values()))
    sites = server["routes"]
    return {"server": server, "odd": site(sites, "odd.example.com"), "sites": sites}


def site(sites, host):
    return next(it for it in sites if host in it.get("match", [{}])[0].get("host", []))


def walk(tree):
    """Every object below, the nearest first."""
    if isinstance(tree, dict):
        yield tree
        tree = list(tree.values())
    if isinstance(tree, list):
        for it in tree:
            yield from walk(it)


def route(view, prefix):
    """The innermost object whose path is this one."""
    found = [it for it in walk(view["odd"]) for match in it.get("match", [])
             if isinstance(match, dict) and match.get("path_regexp", {}).get("pattern") == f"^{prefix}(/|$)"]
    return found[0]


def handlers(view, name, prefix="/odd-orders"):
    return [it for it in walk(route(view, prefix)) if it.get("handler") == name]


def proxy(view, prefix="/odd-orders"):
    return handlers(view, "reverse_proxy", prefix)[0]


def passive(view):
    return proxy(view)["health_checks"]["passive"]


def refused(view, matcher):
    """The status for requests that are not like this."""
    for it in walk(route(view, "/odd-orders")):
        for match in it.get("match", []):
            if isinstance(match, dict) and matcher(match):
                for handler in it["handle"]:
                    if handler.get("handler") == "error":
                        return handler["status_code"]
    return None


def lacks_credentials(match):
    return any("Authorization" in it.get("header_regexp", {}) for it in match.get("not", []))


def methods(view):
    found = [negated["method"] for it in walk(route(view, "/odd-orders")) for match in it.get("match", [])
             if isinstance(match, dict) for negated in match.get("not", []) if "method" in negated]
    return found[0]


def origins(view):
    found = [match["header"]["Origin"] for it in walk(route(view, "/odd-orders")) for match in it.get("match", [])
             if isinstance(match, dict) and "Origin" in match.get("header", {})]
    return sorted({origin for it in found for origin in it} - {"*"})


def credentials(view):
    found = [it["response"]["set"]["Access-Control-Allow-Credentials"] for it in handlers(view, "headers")
             if "Access-Control-Allow-Credentials" in it.get("response", {}).get("set", {})]
    return found[0]


EXPECTED = {
    "service.ports.number": (lambda it: it["server"]["listen"], [":8081"]),
    "dependency.timeout_ms": (
        lambda it: proxy(it, "/catalog")["transport"]["response_header_timeout"], 1499 * MS),
    "dependency.retries.count": (lambda it: proxy(it)["load_balancing"]["retries"], 3),
    "dependency.retries.backoff_ms": (lambda it: proxy(it)["load_balancing"]["try_interval"], 43 * MS),
    "dependency.breaker.consecutive_failures": (lambda it: passive(it)["max_fails"], 7),
    "dependency.breaker.slow_call_ms": (lambda it: passive(it)["unhealthy_latency"], 541 * MS),
    "dependency.breaker.open_ms": (lambda it: passive(it)["fail_duration"], 12000 * MS),
    "dependency.bulkhead": (lambda it: passive(it)["unhealthy_request_count"], 77),
    "route.gateway": (lambda it: len(it["sites"]) > 0, True),
    "route.host": (lambda it: it["odd"]["match"][0]["host"], ["odd.example.com"]),
    "route.path_prefix": (lambda it: "match" in route(it, "/odd-orders"), True),
    "route.methods": (methods, ["GET", "HEAD", "POST"]),
    "route.service": (lambda it: proxy(it)["upstreams"][0]["dial"].split(":")[0], "orders"),
    "route.port": (lambda it: proxy(it)["upstreams"][0]["dial"].split(":")[1], "5019"),
    "route.strip_prefix": (lambda it: handlers(it, "rewrite")[0]["strip_path_prefix"], "/odd-orders"),
    "route.timeout_ms": (lambda it: proxy(it)["transport"]["response_header_timeout"], 1237 * MS),
    "route.body_limit_kib": (lambda it: handlers(it, "request_body")[0]["max_size"], 129 * 1024),
    "route.authentication": (lambda it: refused(it, lacks_credentials), 401),
    "route.cors.origins": (origins, ["https://odd-origin.example.com"]),
    "route.cors.credentials": (credentials, ["true"]),
}
