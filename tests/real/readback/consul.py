"""Consul: what a real agent says of the services, checks and entries it was given."""

import glob
import json
import os

from consul_agent import Agent

TARGET = "consul"


def read(folder):
    with Agent(folder) as agent:
        wrong = agent.write_all()
        if wrong:
            raise ValueError("\n".join(wrong))
        entries = {}
        for path in agent.entries():
            with open(path, encoding="utf-8") as file:
                written = json.load(file)
            kind, name = written["Kind"], written["Name"]
            entries[kind, name] = agent.get(f"/v1/config/{kind}/{name}")
        # An agent keeps the thresholds of a check to itself, so they are as it was told them.
        told = {}
        for path in glob.glob(os.path.join(folder, "consul", "*.json")):
            with open(path, encoding="utf-8") as file:
                for check in json.load(file).get("service", {}).get("checks", []):
                    told[check["id"]] = check
        node = agent.get("/v1/agent/self")["Config"]["NodeName"]
        return {
            "node": node,
            "services": agent.get("/v1/agent/services"),
            "checks": agent.get("/v1/agent/checks"),
            "asked": {it["CheckID"]: it["Definition"] for it in agent.get(f"/v1/health/node/{node}")},
            "entries": entries,
            "told": told,
        }


def meta(key):
    return lambda view: view["services"]["orders"]["Meta"][key]


def check(key):
    return lambda view: view["checks"]["orders-health"][key]


def override(view):
    overrides = view["entries"]["service-defaults", "orders"]["UpstreamConfig"]["Overrides"]
    return next(it for it in overrides if it["Name"] == "payments")


def source(view, service, name):
    sources = view["entries"]["service-intentions", service]["Sources"]
    return next(it for it in sources if it["Name"] == name)


EXPECTED = {
    "name": (lambda view: view["node"], "odd-numbers"),
    "boundary.name": (meta("boundary_name"), "Ordering Context"),
    "boundary.team": (meta("team"), "checkout-team"),
    "service.name": (meta("title"), "Orders Display"),
    "service.kind": (meta("kind"), "Service"),
    "service.boundary": (lambda view: view["services"]["orders"]["Tags"][0], "ordering"),
    "service.description": (meta("description"), "Takes an order and keeps it"),
    "service.owner": (meta("owner"), "orders-owner"),
    "service.technology": (lambda view: view["services"]["orders"]["Tags"][1], "fastapi"),
    "service.ports.number": (lambda view: view["services"]["orders"]["Port"], 5011),
    "service.ports.protocol": (lambda view: view["entries"]["service-defaults", "orders"]["Protocol"], "http"),
    "service.replicas": (lambda view: view["services"]["orders"]["Weights"]["Passing"], 7),
    "service.health.path": (lambda view: view["told"]["orders-health"]["http"], "http://orders:5019/odd-health"),
    "service.health.port": (lambda view: view["told"]["orders-health"]["http"], "http://orders:5019/odd-health"),
    "service.health.interval_ms": (check("Interval"), "7.3s"),
    "service.health.timeout_ms": (check("Timeout"), "1.7s"),
    "service.health.retries": (lambda view: view["told"]["orders-health"]["failures_before_critical"], 11),
    "service.metrics_path": (meta("metrics_path"), "/odd-metrics"),
    "service.slo_percent": (meta("slo_percent"), "99.83"),
    "service.criticality": (lambda view: view["services"]["orders"]["Tags"][2], "criticality-3"),
    "dependency.from": (lambda view: source(view, "payments", "orders")["Action"], "allow"),
    "dependency.to": (
        lambda view: [it["DestinationName"] for it in view["services"]["orders-sidecar-proxy"]["Proxy"]["Upstreams"]],
        ["payments"]),
    "dependency.description": (
        lambda view: source(view, "payments", "orders")["Description"], "an odd description of a call"),
    "dependency.timeout_ms": (
        lambda view: view["entries"]["service-resolver", "payments"]["RequestTimeout"], "733ms"),
    "dependency.breaker.consecutive_failures": (lambda view: override(view)["PassiveHealthCheck"]["MaxFailures"], 6),
    "dependency.breaker.open_ms": (
        # In nanoseconds.
        lambda view: override(view)["PassiveHealthCheck"]["BaseEjectionTime"], 8_123_000_000),
    "dependency.bulkhead": (
        lambda view: set(override(view)["Limits"].values()), {19}),
    "route.gateway": (lambda view: source(view, "orders", "gateway")["Action"], "allow"),
}
