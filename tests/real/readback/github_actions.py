"""GitHub Actions: the workflow, as a YAML parser sees it."""

import os

import yaml

TARGET = "github-actions"


def read(folder):
    path = os.path.join(folder, ".github", "workflows", "ci.yml")
    with open(path, encoding="utf-8") as file:
        workflow = yaml.safe_load(file)
    return workflow | {"path": os.path.relpath(path, folder)}


def steps(view, job):
    return {it["name"]: it for it in view["jobs"][job]["steps"] if "name" in it}


def image(view):
    return steps(view, "images")["Tags and labels"]["with"]["images"].rsplit("/", 1)[1]


def tested(view):
    return {name: job["strategy"]["matrix"]["service"] for name, job in view["jobs"].items() if name.startswith("test-")}


def built(view):
    return view["jobs"]["images"]["strategy"]["matrix"]["service"]


def looked_up(view):
    return steps(view, "configuration")["nginx of gateway"]["env"]["HOSTS"]


EXPECTED = {
    "name": (image, "odd-numbers-${{ matrix.service }}"),
    "ci": (lambda view: view["path"], ".github/workflows/ci.yml"),
    "service.technology": (tested, {"test-fastapi": ["orders"], "test-go": ["catalog"], "test-spring-boot": ["payments"]}),
    "service.kind": (built, ["catalog", "orders", "payments"]),
    "route.gateway": (looked_up, "catalog orders"),
    "route.service": (looked_up, "catalog orders"),
}
