"""What a running Traefik says it understood of the odd design, through its own API."""

import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import traefik_caddy  # noqa: E402

TARGET = GATEWAY = "traefik"


def read(folder):
    proxy = traefik_caddy.Traefik(os.path.join(folder, "traefik"))
    # Only its log at its most talkative tells of transports.
    proxy.log_level = "DEBUG"
    with traefik_caddy.running(proxy) as (place, _, _):
        kinds = ("routers", "middlewares", "services")
        view = {kind: {it["name"].removesuffix("@file"): it for it in proxy.api(f"http/{kind}?per_page=10000")}
                for kind in kinds}
        told = traefik_caddy.entries(place)
        received = [it["config"] for it in told if it.get("providerName") == "file" and "config" in it]
        view["transports"] = received[-1]["http"]["serversTransports"]
        view["listens"] = [it["address"] for it in proxy.api("entrypoints") if it["name"] == "web"]
        view["drawn"] = proxy.startup["entryPoints"]["web"]["address"]
    return view


def rule(view, name="orders"):
    return view["routers"][name]["rule"]


def service(view, router):
    return view["services"][view["routers"][router]["service"].removesuffix("@file")]


def within(view, router):
    transport = service(view, router)["loadBalancer"]["serversTransport"].removesuffix("@file")
    return view["transports"][transport]["forwardingTimeouts"]["responseHeaderTimeout"]


def middleware(view, name):
    return view["middlewares"][name]


def breaker(view):
    return middleware(view, "orders_breaker")["circuitBreaker"]


def number(pattern, text):
    return float(re.search(pattern, text)[1])


def refused(view):
    """The status of the router below that has the same rule but for the credentials."""
    names = view["routers"]["orders_credentials"]["middlewares"]
    return middleware(view, names[-1].removesuffix("@file"))["ipAllowList"]["rejectStatusCode"]


EXPECTED = {
    # The address is the test's own, the port the drawn one.
    "service.ports.number": (lambda it: (it["drawn"], it["listens"][0].rsplit(":", 1)[1]), (":8081", "8081")),
    # Go writes times in its own way.
    "dependency.timeout_ms": (lambda it: within(it, "catalog"), "1.499s"),
    "dependency.retries.count": (lambda it: middleware(it, "orders_retry")["retry"]["attempts"] - 1, 3),
    "dependency.retries.backoff_ms": (lambda it: middleware(it, "orders_retry")["retry"]["initialInterval"], "43ms"),
    "dependency.breaker.failure_rate_percent": (
        lambda it: number(r"ResponseCodeRatio\(500, 600, 0, 600\) >= ([\d.]+)", breaker(it)["expression"]), 0.415),
    "dependency.breaker.slow_call_ms": (
        lambda it: number(r"LatencyAtQuantileMS\([\d.]+\) >= (\d+)", breaker(it)["expression"]), 541),
    "dependency.breaker.slow_call_rate_percent": (
        lambda it: 100 - number(r"LatencyAtQuantileMS\(([\d.]+)\)", breaker(it)["expression"]), 63.25),
    "dependency.breaker.open_ms": (
        lambda it: [breaker(it)[key] for key in ("fallbackDuration", "recoveryDuration")], ["12s", "12s"]),
    "dependency.bulkhead": (lambda it: middleware(it, "orders_bulkhead")["inFlightReq"]["amount"], 77),
    "route.gateway": (lambda it: "orders" in it["routers"], True),
    "route.host": (lambda it: "Host(`odd.example.com`)" in rule(it), True),
    "route.path_prefix": (lambda it: "(Path(`/odd-orders`) || PathPrefix(`/odd-orders/`))" in rule(it), True),
    "route.methods": (lambda it: re.findall(r"Method\(`(\w+)`\)", rule(it)), ["GET", "HEAD", "POST"]),
    "route.service": (
        lambda it: service(it, "orders")["loadBalancer"]["servers"][0]["url"].split("/")[2].split(":")[0], "orders"),
    "route.port": (lambda it: service(it, "orders")["loadBalancer"]["servers"][0]["url"].rsplit(":", 1)[1], "5019"),
    "route.strip_prefix": (lambda it: middleware(it, "orders_strip")["stripPrefix"]["prefixes"], ["/odd-orders"]),
    "route.timeout_ms": (lambda it: within(it, "orders"), "1.237s"),
    "route.body_limit_kib": (
        lambda it: middleware(it, "orders_body")["buffering"]["maxRequestBodyBytes"], 129 * 1024),
    "route.rate_limit.requests_per_second": (
        lambda it: [middleware(it, "orders_rate")["rateLimit"][key] for key in ("average", "period")], [23, "1s"]),
    "route.rate_limit.burst": (lambda it: middleware(it, "orders_rate")["rateLimit"]["burst"] - 1, 29),
    "route.authentication": (
        lambda it: ("HeaderRegexp(`Authorization`, `.+`)" in rule(it), refused(it)), (True, 401)),
    "route.cors.origins": (
        lambda it: middleware(it, "orders_cors")["headers"]["accessControlAllowOriginList"],
        ["https://odd-origin.example.com"]),
    "route.cors.credentials": (
        lambda it: middleware(it, "orders_cors")["headers"]["accessControlAllowCredentials"], True),
}
