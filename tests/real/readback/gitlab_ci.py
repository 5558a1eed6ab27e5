"""GitLab CI: the pipeline, as a YAML parser sees it."""

import os

import yaml

TARGET = "gitlab-ci"


def read(folder):
    path = os.path.join(folder, ".gitlab-ci.yml")
    with open(path, encoding="utf-8") as file:
        pipeline = yaml.safe_load(file)
    return pipeline | {"path": os.path.relpath(path, folder)}


def services(job):
    (entry,) = job["parallel"]["matrix"]
    return entry["SERVICE"]


def tested(view):
    return {name: services(job) for name, job in view.items() if name.startswith("test-")}


def looked_up(view):
    return view["check-nginx-gateway"]["variables"]["HOSTS"]


EXPECTED = {
    "name": (lambda view: view["image-publish"]["variables"]["IMAGE"], "${CI_REGISTRY_IMAGE}/odd-numbers-${SERVICE}"),
    "ci": (lambda view: view["path"], ".gitlab-ci.yml"),
    "service.technology": (tested, {"test-fastapi": ["orders"], "test-go": ["catalog"], "test-spring-boot": ["payments"]}),
    "service.kind": (lambda view: services(view["image-build"]), ["catalog", "orders", "payments"]),
    "route.gateway": (looked_up, "catalog orders"),
    "route.service": (looked_up, "catalog orders"),
}
