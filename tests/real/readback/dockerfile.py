"""Dockerfiles: their instructions, as a parser of Dockerfiles sees them."""

import json
import os
import re

from dockerfile_parse import DockerfileParser

TARGET = "dockerfile"


def instructions(folder, service):
    """The last stage: each instruction with its value."""
    parser = DockerfileParser(path=os.path.join(folder, "services", service))
    stages = []
    for it in parser.structure:
        if it["instruction"] == "FROM":
            stages.append({})
        if stages and it["instruction"] != "COMMENT":
            stages[-1][it["instruction"]] = it["value"]
    return stages[-1] | {"base": parser.baseimage}


def read(folder):
    return {service: instructions(folder, service) for service in ("orders", "payments", "catalog")}


def option(name):
    return lambda view: re.search(rf"--{name}=(\S+)", view["orders"]["HEALTHCHECK"])[1]


def command(service):
    return lambda view: json.loads(view[service]["HEALTHCHECK"].split("CMD ", 1)[1])


def url(view):
    return re.search(r"http://[^']+", " ".join(command("orders")(view)))[0]


EXPECTED = {
    "service.technology": (lambda view: json.loads(view["orders"]["ENTRYPOINT"])[0], "uvicorn"),
    "service.ports.number": (lambda view: view["orders"]["EXPOSE"], "5011"),
    "service.health.path": (url, "http://127.0.0.1:5019/odd-health"),
    "service.health.port": (url, "http://127.0.0.1:5019/odd-health"),
    "service.health.command": (command("payments"), ["odd-health-command", "--now"]),
    "service.health.interval_ms": (option("interval"), "7.3s"),
    "service.health.timeout_ms": (option("timeout"), "1.7s"),
    "service.health.retries": (option("retries"), "11"),
    "service.health.start_period_ms": (option("start-period"), "61s"),
}
