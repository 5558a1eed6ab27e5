"""Prometheus: the fields that a running server says it understood."""

import json
import os
import re
import socket
import subprocess
import tempfile
import time
import urllib.request

import yaml

TARGET = "prometheus"


def read(bundle):
    """What a running Prometheus says of its configuration and its rules."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="meshboard-prometheus-") as folder:
        process = subprocess.Popen(
            ["prometheus", "--config.file=prometheus.yml", f"--storage.tsdb.path={folder}",
             f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"],
            cwd=os.path.join(bundle, "prometheus"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            for _ in range(300):
                try:
                    config = ask(port, "status/config")["yaml"]
                    groups = ask(port, "rules")["groups"]
                    break
                except OSError:
                    time.sleep(0.1)
        finally:
            process.terminate()
            process.wait(30)
    config = yaml.safe_load(config)
    return {
        "global": config["global"],
        "jobs": {it["job_name"]: it for it in config["scrape_configs"]},
        "rules": [rule for group in groups for rule in group["rules"]],
    }


def ask(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/{path}", timeout=5) as answer:
        return json.load(answer)["data"]


def label(name):
    """A label of every target of a service that runs several times."""
    def get(view):
        rules = view["jobs"]["orders"]["relabel_configs"]
        return next(it["replacement"] for it in rules if it["target_label"] == name)
    return get


def said(name, service="orders"):
    """A number of the design, as a rule of its own."""
    def get(view):
        rule = next(it for it in view["rules"] if it["name"] == name and it["labels"]["service"] == service)
        return float(re.fullmatch(r"vector\((.*)\)", rule["query"])[1])
    return get


def breaker(name):
    def get(view):
        rule = next(it for it in view["rules"] if it["name"] == "service:drawn_breaker:info")
        return rule["labels"][name]
    return get


EXPECTED = {
    "name": (lambda it: it["global"]["external_labels"]["system"], "odd-numbers"),
    "boundary.team": (lambda it: it["jobs"]["payments"]["static_configs"][0]["labels"]["team"], "checkout-team"),
    "service.boundary": (label("boundary"), "ordering"),
    "service.owner": (label("team"), "orders-owner"),
    "service.ports.number": (lambda it: it["jobs"]["orders"]["dns_sd_configs"][0]["port"], 5011),
    "service.metrics_path": (lambda it: it["jobs"]["orders"]["metrics_path"], "/odd-metrics"),
    "service.replicas": (said("service:drawn_replicas:count"), 7),
    "service.resources.cpu_millis": (said("service:drawn_cpu_limit:cores"), 1.307),
    "service.resources.memory_mib": (said("service:drawn_memory_limit:bytes"), 313 * 1024 * 1024),
    "service.slo_percent": (said("service:drawn_errors_allowed:ratio"), 0.0017),
    "dependency.from": (breaker("service"), "orders"),
    "dependency.to": (breaker("target"), "payments"),
    "dependency.p99_ms": (said("service:drawn_p99:seconds", "payments"), 0.211),
    "dependency.timeout_ms": (said("service:drawn_timeout:seconds", "payments"), 0.733),
    "dependency.breaker.name": (breaker("name"), "odd-breaker"),
}
