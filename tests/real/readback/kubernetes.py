"""What kustomize builds of a design, field by field."""

import os
import subprocess

import yaml

TARGET = "kubernetes"


def read(folder):
    built = subprocess.run(
        ["kubectl", "kustomize", os.path.join(folder, "kubernetes/overlays/production")],
        check=True, capture_output=True,
    ).stdout.decode()
    view = {(it["kind"], it["metadata"]["name"]): it for it in yaml.safe_load_all(built)}
    with open(os.path.join(folder, "kubernetes/base/orders.yaml"), encoding="utf-8") as file:
        view["comment"] = file.readline()
    return view


def pod(name, kind="Deployment"):
    return lambda view: view[kind, name]["spec"]["template"]["spec"]


def container(name, *path, kind="Deployment"):
    def get(view):
        value = pod(name, kind)(view)["containers"][0]
        for part in path:
            value = value[part]
        return value
    return get


def orders(*path):
    return container("orders", *path, kind="StatefulSet")


def told(name):
    return lambda view: view["ConfigMap", "orders"]["data"]["PAYMENTS_" + name]


def rule(*path):
    def get(view):
        value = view["HTTPRoute", "orders"]["spec"]
        for part in path:
            value = value[part]
        return value
    return get


def peers(name, side, other):
    def get(view):
        rules = view["NetworkPolicy", name]["spec"][side]
        chosen = [it["podSelector"]["matchLabels"] for rule in rules
                  for it in rule[other] if "podSelector" in it]
        return [it["app.kubernetes.io/name"] for it in chosen if "app.kubernetes.io/name" in it]
    return get


EXPECTED = {
    "name": (lambda view: view["Namespace", "odd-numbers"]["metadata"]["name"], "odd-numbers"),
    "service.kind": (lambda view: ("StatefulSet", "orders") in view, True),
    "service.boundary": (
        lambda view: view["Service", "orders"]["metadata"]["labels"]["app.kubernetes.io/component"], "ordering"),
    "service.technology": (container("payments", "image"), "localhost/odd-numbers-payments:0.1.0"),
    "service.image": (container("cache", "image", kind="StatefulSet"), "redis:8.2.1-alpine"),
    "service.command": (orders("command", -1), "--odd-option"),
    "service.ports.number": (lambda view: view["Service", "orders"]["spec"]["ports"][0]["port"], 5011),
    "service.ports.protocol": (
        lambda view: view["Service", "orders"]["spec"]["ports"][0]["appProtocol"], "http"),
    "service.replicas": (lambda view: view["StatefulSet", "orders"]["spec"]["replicas"], 7),
    "service.resources.cpu_millis": (orders("resources", "limits", "cpu"), "1307m"),
    "service.resources.memory_mib": (orders("resources", "limits", "memory"), "313Mi"),
    "service.environment": (
        lambda view: view["ConfigMap", "orders"]["data"]["ODD_SETTING"], "odd-setting-value"),
    "service.secrets": (
        lambda view: [it["secret"]["secretName"] for it in pod("orders", "StatefulSet")(view)["volumes"]
                      if "secret" in it], ["odd-secret-name"]),
    "service.volumes.source": (
        lambda view: view["StatefulSet", "cache"]["spec"]["volumeClaimTemplates"][0]["metadata"]["name"], "data"),
    "service.volumes.target": (
        container("cache", "volumeMounts", 0, "mountPath", kind="StatefulSet"), "/odd/target"),
    "service.volumes.read_only": (
        container("cache", "volumeMounts", 0, "readOnly", kind="StatefulSet"), True),
    "service.health.path": (orders("readinessProbe", "httpGet", "path"), "/odd-health"),
    "service.health.port": (orders("readinessProbe", "httpGet", "port"), 5019),
    "service.health.command": (
        container("payments", "readinessProbe", "exec", "command"), ["odd-health-command", "--now"]),
    "service.health.interval_ms": (orders("readinessProbe", "periodSeconds"), 8),
    "service.health.timeout_ms": (orders("readinessProbe", "timeoutSeconds"), 2),
    "service.health.retries": (orders("readinessProbe", "failureThreshold"), 11),
    # The start of 61 s and then 11 checks, one each 7.3 s, in steps of 5 s.
    "service.health.start_period_ms": (
        lambda view: orders("startupProbe", "failureThreshold")(view) * orders("startupProbe", "periodSeconds")(view),
        145),
    "service.criticality": (
        lambda view: view["Service", "orders"]["metadata"]["labels"]["criticality"], "3"),
    "dependency.from": (peers("payments", "ingress", "from"), ["orders"]),
    "dependency.to": (lambda view: peers("orders", "egress", "to")(view)[0], "payments"),
    "dependency.protocol": (told("URL"), "http://payments:5013"),
    "dependency.timeout_ms": (told("TIMEOUT_MS"), "733"),
    "dependency.retries.count": (told("RETRIES"), "2"),
    "dependency.retries.backoff_ms": (told("RETRY_BACKOFF_MS"), "47"),
    "dependency.retries.max_backoff_ms": (told("RETRY_MAX_BACKOFF_MS"), "977"),
    "dependency.retries.jitter": (told("RETRY_JITTER"), "true"),
    "dependency.breaker.failure_rate_percent": (told("BREAKER_FAILURE_RATE"), "37.5"),
    "dependency.breaker.consecutive_failures": (told("BREAKER_CONSECUTIVE_FAILURES"), "6"),
    "dependency.breaker.window_calls": (told("BREAKER_WINDOW_CALLS"), "47"),
    "dependency.breaker.window_ms": (told("BREAKER_WINDOW_MS"), "9001"),
    "dependency.breaker.minimum_calls": (told("BREAKER_MINIMUM_CALLS"), "13"),
    "dependency.breaker.slow_call_ms": (told("BREAKER_SLOW_CALL_MS"), "523"),
    "dependency.breaker.slow_call_rate_percent": (told("BREAKER_SLOW_CALL_RATE"), "61.25"),
    "dependency.breaker.open_ms": (told("BREAKER_OPEN_MS"), "8123"),
    "dependency.breaker.half_open_calls": (told("BREAKER_HALF_OPEN_CALLS"), "2"),
    "dependency.breaker.name": (told("BREAKER_NAME"), "odd-breaker"),
    "dependency.bulkhead": (told("BULKHEAD"), "19"),
    "route.gateway": (rule("parentRefs", 0, "name"), "gateway"),
    "route.host": (rule("hostnames"), ["odd.example.com"]),
    "route.path_prefix": (rule("rules", 0, "matches", 0, "path", "value"), "/odd-orders"),
    "route.methods": (
        lambda view: [it["method"] for it in rule("rules", 0, "matches")(view)], ["GET", "HEAD", "POST"]),
    "route.service": (rule("rules", 0, "backendRefs", 0, "name"), "orders"),
    "route.port": (rule("rules", 0, "backendRefs", 0, "port"), 5019),
    "route.strip_prefix": (
        rule("rules", 0, "filters", 0, "urlRewrite", "path", "replacePrefixMatch"), "/"),
    "route.timeout_ms": (rule("rules", 0, "timeouts", "request"), "1s237ms"),
}
IN_COMMENTS = ["boundary.team", "service.name", "service.owner"]
