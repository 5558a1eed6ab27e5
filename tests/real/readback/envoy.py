"""Envoy: what it says of its own configuration while it runs."""

import json
import os

import envoys

TARGET = "envoy"
GATEWAY = "envoy"
MANAGER = "envoy.filters.network.http_connection_manager"


class View:
    def __init__(self, parts, path):
        self.path = path
        self.node = parts["bootstrap"]["bootstrap"]["node"]
        self.listeners = parts["bootstrap"]["bootstrap"]["static_resources"]["listeners"]
        self.clusters = {it["cluster"]["name"]: it["cluster"] for it in parts["clusters"]["static_clusters"]}
        hosts = parts["routes"]["static_route_configs"][0]["route_config"]["virtual_hosts"]
        self.hosts = {it["name"]: it for it in hosts}

    def route(self, name="orders", host="odd.example.com"):
        return next(it for it in self.hosts[host]["routes"] if it["name"] == name)

    def limits(self, name):
        return self.route()["typed_per_filter_config"]["envoy.filters.http." + name]

    def cluster(self):
        return self.clusters["orders_5019"]

    def outliers(self, name):
        return self.cluster()["outlier_detection"][name]

    def retries(self):
        return self.route()["route"]["retry_policy"]


def read(folder):
    path = os.path.join(folder, "envoy", "envoy.yaml")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    with envoys.running(text, {"orders": ["127.0.0.1"], "catalog": ["127.0.0.1"]}) as (_, _, admin):
        dump = json.loads(envoys.admin(admin, "/config_dump"))
    names = {"BootstrapConfigDump": "bootstrap", "ClustersConfigDump": "clusters", "RoutesConfigDump": "routes"}
    parts = {names[kind]: it for it in dump["configs"]
             if (kind := it["@type"].rsplit(".", 1)[1]) in names}
    view = View(parts, path)
    # The test listens elsewhere.
    view.address = next(it for it in text.split("address: \"0.0.0.0\"")[1].splitlines() if "port_value" in it)
    return view


def bucket(view):
    return view.limits("local_ratelimit")["descriptors"][0]["token_bucket"]


def thresholds(view):
    limits = view.cluster()["circuit_breakers"]["thresholds"][0]
    return limits["max_connections"], limits["max_requests"], limits["max_pending_requests"]


def endpoint(view):
    return view.cluster()["load_assignment"]["endpoints"][0]["lb_endpoints"][0]["endpoint"]["address"]["socket_address"]


EXPECTED = {
    "name": (lambda it: it.node["cluster"], "odd-numbers"),
    "service.ports.number": (lambda it: it.address.split(":")[1].strip(), "8081"),
    "dependency.timeout_ms": (
        lambda it: (it.route("catalog")["route"]["timeout"], it.retries()["per_try_timeout"]), ("1.499s", "1.001s")),
    "dependency.retries.count": (lambda it: it.retries()["num_retries"], 3),
    "dependency.retries.backoff_ms": (lambda it: it.retries()["retry_back_off"]["base_interval"], "0.043s"),
    "dependency.retries.max_backoff_ms": (lambda it: it.retries()["retry_back_off"]["max_interval"], "0.983s"),
    "dependency.breaker.failure_rate_percent": (lambda it: it.outliers("failure_percentage_threshold"), 42),
    "dependency.breaker.consecutive_failures": (lambda it: it.outliers("consecutive_5xx"), 7),
    "dependency.breaker.window_ms": (lambda it: it.outliers("interval"), "9.011s"),
    "dependency.breaker.minimum_calls": (lambda it: it.outliers("failure_percentage_request_volume"), 17),
    "dependency.breaker.open_ms": (
        lambda it: (it.outliers("base_ejection_time"), it.outliers("max_ejection_time")), ("12s", "12s")),
    "dependency.bulkhead": (thresholds, (77, 77, 77)),
    "route.gateway": (lambda it: (it.node["id"], it.path.rsplit("/", 2)[1:]), ("gateway", ["envoy", "envoy.yaml"])),
    "route.host": (lambda it: it.hosts["odd.example.com"]["domains"], ["odd.example.com"]),
    "route.path_prefix": (lambda it: it.route()["match"]["path_separated_prefix"], "/odd-orders"),
    "route.methods": (
        lambda it: it.route()["match"]["headers"][0]["string_match"]["safe_regex"]["regex"], "GET|HEAD|POST"),
    "route.service": (lambda it: (it.route()["route"]["cluster"], endpoint(it)["address"]), ("orders_5019", "orders")),
    "route.port": (lambda it: endpoint(it)["port_value"], 5019),
    "route.strip_prefix": (
        lambda it: it.route()["route"]["regex_rewrite"],
        {"pattern": {"regex": "^/odd\\-orders/?(.*)$"}, "substitution": "/\\1"}),
    "route.timeout_ms": (lambda it: it.route()["route"]["timeout"], "1.237s"),
    "route.body_limit_kib": (lambda it: it.limits("buffer")["buffer"]["max_request_bytes"], 129 * 1024),
    "route.rate_limit.requests_per_second": (
        lambda it: (bucket(it)["tokens_per_fill"], bucket(it)["fill_interval"]), (23, "1s")),
    "route.rate_limit.burst": (lambda it: bucket(it)["max_tokens"], 30),
    "route.authentication": (
        lambda it: (it.route("orders_unauthorized")["direct_response"]["status"],
                    it.route("orders_unauthorized")["match"]["headers"][1]["name"]), (401, "authorization")),
    "route.cors.origins": (
        lambda it: it.limits("cors")["allow_origin_string_match"], [{"exact": "https://odd-origin.example.com"}]),
    "route.cors.credentials": (lambda it: it.limits("cors")["allow_credentials"], True),
}
