"""Grafana: the fields that its own schema's classes read from the exported dashboard."""

import glob
import json
import os

from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

TARGET = "grafana"


def read(bundle):
    """The dashboard as Grafana's SDK understands it: its title, and panels by title."""
    register_default_plugins()
    path, = glob.glob(os.path.join(bundle, "grafana", "dashboards", "*.json"))
    with open(path, encoding="utf-8") as file:
        dashboard = Dashboard.from_json(json.load(file))
    return {"title": dashboard.title, "panels": {it.title: it for it in dashboard.panels}}


def legends(title):
    return lambda view: [it.legend_format for it in view["panels"][title].targets]


def has_expression(title, text):
    return lambda view: any(text in it.expr for it in view["panels"][title].targets)


EXPECTED = {
    "name": (lambda it: it["title"], "Odd Numbers"),
    "service.boundary": (legends("ordering"), ["orders", "payments"]),
    "service.slo_percent": (has_expression("Burn rate, 1 hour", "service:drawn_errors_allowed:ratio"), True),
    "service.resources.cpu_millis": (has_expression("Processor of its limit", "drawn_cpu_limit"), True),
    "service.resources.memory_mib": (has_expression("Memory of its limit", "drawn_memory_limit"), True),
    "dependency.from": (has_expression("State", 'service="orders"'), True),
    "dependency.to": (legends("State"), ["orders → payments"]),
    "dependency.breaker.name": (has_expression("State", 'name="odd-breaker"'), True),
    "route.gateway": (lambda it: "Behind gateway" in it["panels"], True),
    "route.service": (legends("Behind gateway"), ["catalog", "orders"]),
}
