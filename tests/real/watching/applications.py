#!/usr/bin/env python3
"""Services with breakers of their own: FastAPI, Node and Spring Boot.

usage: applications.py MESHBOARD

A breaker of Python's circuitbreaker, of opossum and of Resilience4j opens, half-opens and
closes by real calls, while health stays up; Resilience4j's is forced open and disabled too;
Node's terminus says that it is going away. Needs the Python packages of
tests/real/requirements.txt, NODE_TOOLS, and Maven. Prints one line per check and exits with
1 if one failed.
"""

import contextlib
import http.client
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from common import finish, free_port, project, report
from following import Following, once

import gateway

HERE = os.path.dirname(os.path.abspath(__file__))


def get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except OSError:
        return 0, b""
    finally:
        connection.close()


def calls(port, count):
    return [get(port, "/call")[0] for _ in range(count)]


@contextlib.contextmanager
def running(command, port, folder, name, **options):
    errors = os.path.join(folder, f"{name}.log")
    with open(errors, "wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, **options)
    try:
        end = time.monotonic() + 180
        while get(port, "/call")[0] == 0 and time.monotonic() < end and process.poll() is None:
            time.sleep(0.2)
        if process.poll() is not None:
            with open(errors, encoding="utf-8", errors="replace") as log:
                report(False, f"{name} starts", log.read()[-2000:])
        yield process
    finally:
        gateway.stop(process)


def design(folder, name, port, health, more):
    services = {name: {"kind": "service"}, "bank": {"kind": "external"}}
    dependencies = {f"{name}-bank": {"from": name, "to": "bank", "protocol": "http"}}
    target = {"instances": [f"http://127.0.0.1:{port}"], "health_path": health, "more_paths": [more],
              "interval_ms": 1000}
    return project(services, dependencies, {"targets": {name: target}}, folder)


class Breaker:
    """A followed service and its breaker of the name `bank`."""

    def __init__(self, meshboard, file, name):
        self.meshboard, self.file, self.name = meshboard, file, name
        self.following = Following(meshboard, file)
        time.sleep(3)

    def becomes(self, state, begin, what, seconds=15):
        found = self.following.until(seconds, begin, kind="breaker", name="bank", to_state=state)
        report(found, f"{self.name}: {what}", self.following.lines[-6:])

    def is_up(self, what):
        health = self.following.of(self.name)
        report("down" not in health, f"{self.name}: {what}", self.following.lines[-6:])


def starts_closed(meshboard, file, name):
    said = once(meshboard, file)[0]
    breaker = next((it for it in said["breakers"] if it["name"] == "bank"), {})
    report(said["services"][name]["health"] == "up", f"{name}: up", said)
    report(breaker.get("state") == "closed" and breaker.get("to") == "bank",
           f"{name}: the breaker is closed and on its edge", said)


def opens_and_closes(breaker, port):
    begin = time.monotonic()
    get(port, "/break")
    calls(port, 6)
    breaker.becomes("open", begin, "failing calls open it")
    breaker.is_up("an open breaker does not make its service down")
    begin = time.monotonic()
    breaker.becomes("half-open", begin, "it half-opens after its time")
    begin = time.monotonic()
    get(port, "/heal")
    calls(port, 4)
    breaker.becomes("closed", begin, "good calls close it")


def fastapi(meshboard, folder):
    port = free_port()
    command = [sys.executable, os.path.join(HERE, "programs", "fastapi_app.py"), str(port)]
    with running(command, port, folder, "fastapi"):
        file = design(folder, "fastapi", port, "/health", "/breakers")
        starts_closed(meshboard, file, "fastapi")
        breaker = Breaker(meshboard, file, "fastapi")
        try:
            opens_and_closes(breaker, port)
        finally:
            breaker.following.stop()


def node(meshboard, folder):
    port = free_port()
    environment = {**os.environ, "NODE_PATH": os.path.join(os.environ["NODE_TOOLS"], "node_modules")}
    command = ["node", os.path.join(HERE, "programs", "node_app.cjs"), str(port)]
    with running(command, port, folder, "node", env=environment) as process:
        file = design(folder, "node", port, "/health", "/breakers")
        starts_closed(meshboard, file, "node")
        breaker = Breaker(meshboard, file, "node")
        try:
            opens_and_closes(breaker, port)
            begin = time.monotonic()
            get(port, "/sick")
            found = breaker.following.until(15, begin, service="node", to_state="down")
            report(found, "node: terminus says that a check failed", breaker.following.lines[-6:])
            begin = time.monotonic()
            get(port, "/well")
            found = breaker.following.until(15, begin, service="node", to_state="up")
            report(found, "node: and that it passes again", breaker.following.lines[-6:])
            begin = time.monotonic()
            process.send_signal(signal.SIGTERM)
            down = breaker.following.until(15, begin, service="node", to_state="down")
            gone = breaker.following.until(15, begin, service="node", to_state="out-of-service")
            report(down or gone, "node: one that is ending is no longer up", breaker.following.lines[-6:])
        finally:
            breaker.following.stop()


def spring(meshboard, folder):
    if not shutil.which("mvn"):
        report(False, "Maven is not installed")
        return
    source = shutil.copytree(os.path.join(HERE, "spring"), os.path.join(folder, "spring"))
    built = subprocess.run(["mvn", "--quiet", "--batch-mode", "--no-transfer-progress", "package"], cwd=source,
                           capture_output=True, text=True, check=False)
    if built.returncode:
        report(False, "spring is built", (built.stdout + built.stderr)[-2000:])
        return
    port = free_port()
    command = ["java", "-jar", os.path.join(source, "target", "watched-1.jar"), f"--server.port={port}"]
    with running(command, port, folder, "spring"):
        file = design(folder, "spring", port, "/actuator/health", "/actuator/circuitbreakers")
        starts_closed(meshboard, file, "spring")
        breaker = Breaker(meshboard, file, "spring")
        try:
            opens_and_closes(breaker, port)
            for state in ["forced-open", "disabled", "metrics-only", "closed"]:
                begin = time.monotonic()
                get(port, f"/to/{state}")
                breaker.becomes(state, begin, f"an operator makes it {state}")
            breaker.is_up("health stayed up all the time")
        finally:
            breaker.following.stop()


def main():
    meshboard = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="meshboard-applications-") as folder:
        fastapi(meshboard, folder)
        node(meshboard, folder)
        spring(meshboard, folder)
    finish()


if __name__ == "__main__":
    main()
