"""Breakers: what Resilience4j made of the settings, started by Spring Boot itself."""

import json
import os
import subprocess
import tempfile

TARGET = "breakers"
JAVA = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "resilience4j")
NAME = "odd-breaker"


def understood(path):
    """The settings of a file, as Resilience4j has them."""
    with tempfile.TemporaryDirectory(prefix="meshboard-java-") as folder:
        classes = os.path.join(folder, "classes")
        maven = ["mvn", "-q", "-B", "-f", os.path.join(JAVA, "pom.xml"), "dependency:build-classpath",
                 f"-Dmdep.outputFile={classes}"]
        subprocess.run(maven, check=True, capture_output=True, text=True)
        with open(classes, encoding="utf-8") as file:
            classpath = file.read().strip()
        java = ["java", "-cp", classpath, os.path.join(JAVA, "Settings.java"), path]
        answer = subprocess.run(java, check=False, capture_output=True, text=True)
    if answer.returncode != 0:
        raise SystemExit(f"Spring Boot does not start with {path}:\n{answer.stdout}{answer.stderr}")
    return json.loads(answer.stdout.splitlines()[-1])


def read(folder):
    path = os.path.join(folder, "breakers", "orders", "application.yaml")
    view = understood(path)
    view["path"] = os.path.relpath(path, folder)
    return view


def breaker(name):
    return lambda it: it["circuitbreaker"][NAME][name]


def waits(view, late):
    return view["retry"][NAME]["waits"][200:] if late else view["retry"][NAME]["waits"][:200]


EXPECTED = {
    "service.technology": (lambda it: os.path.basename(it["path"]), "application.yaml"),
    "dependency.from": (lambda it: it["path"], "breakers/orders/application.yaml"),
    "dependency.protocol": (breaker("ignores_4xx"), True),
    "dependency.timeout_ms": (lambda it: it["timelimiter"][NAME], 733),
    "dependency.retries.count": (lambda it: it["retry"][NAME]["attempts"], 3),
    # Around the drawn wait and the drawn longest one, from half to one and a half.
    "dependency.retries.backoff_ms": (
        lambda it: 23 <= min(waits(it, False)) < 40 and 54 < max(waits(it, False)) <= 71, True),
    "dependency.retries.max_backoff_ms": (lambda it: max(waits(it, True)), 977),
    "dependency.retries.jitter": (lambda it: len(set(waits(it, False))) > 5, True),
    "dependency.breaker.failure_rate_percent": (breaker("rate"), 37.5),
    "dependency.breaker.window_calls": (breaker("window"), "COUNT_BASED 47"),
    "dependency.breaker.minimum_calls": (breaker("minimum"), 13),
    "dependency.breaker.slow_call_ms": (breaker("slow_ms"), 523),
    "dependency.breaker.slow_call_rate_percent": (breaker("slow_rate"), 61.25),
    "dependency.breaker.open_ms": (breaker("open_ms"), 8123),
    "dependency.breaker.half_open_calls": (breaker("trials"), 2),
    "dependency.breaker.name": (lambda it: sorted(it["circuitbreaker"]), [NAME]),
    "dependency.bulkhead": (lambda it: it["bulkhead"][NAME], 19),
}
# Resilience4j has one name, one window and one way to open.
IN_COMMENTS = ["dependency.to", "dependency.breaker.consecutive_failures", "dependency.breaker.window_ms"]
