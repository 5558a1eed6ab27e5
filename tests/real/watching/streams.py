#!/usr/bin/env python3
"""Breakers on streams of real libraries: opossum-hystrix behind Express, and hystrix-go.

usage: streams.py MESHBOARD FOLDER

FOLDER is where what is built stays. NODE_TOOLS names the folder whose `node_modules` has
express, opossum and opossum-hystrix. Each breaker opens and closes by real calls, and is
watched as it does. Prints one line per check and exits with 1 if one failed.
"""

import contextlib
import http.client
import os
import subprocess
import sys
import time

from common import finish, free_port, project, report
from following import Following, once

import gateway

HERE = os.path.dirname(os.path.abspath(__file__))


def ask(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    with contextlib.closing(connection):
        connection.request("GET", path)
        return connection.getresponse().status


@contextlib.contextmanager
def running(name, port, command, environment=None):
    """A program that answers at `/health`; what it writes is shown if it does not come up."""
    process = subprocess.Popen(command, env={**os.environ, **(environment or {})}, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True)
    try:
        end = time.monotonic() + 30
        while True:
            with contextlib.suppress(OSError):
                if ask(port, "/health") == 200:
                    break
            if process.poll() is not None or time.monotonic() > end:
                process.kill()
                sys.exit(f"{name} did not start: {process.stderr.read()}")
            time.sleep(0.1)
        yield process
    finally:
        gateway.stop(process)


def watched(port, name):
    target = {"instances": [f"http://127.0.0.1:{port}"], "health_path": "/health", "more_paths": ["/hystrix.stream"],
              "interval_ms": 1000}
    services = {it: {"kind": "service"} for it in (name, "bank", "mail")}
    dependencies = {f"{name}-{it}": {"from": name, "to": it, "protocol": "http"} for it in ("bank", "mail")}
    return project(services, dependencies, {"targets": {name: target}})


def states(meshboard, file):
    snapshot, said = once(meshboard, file)
    return {it["name"]: it["state"] for it in snapshot.get("breakers", [])}, said


def check(meshboard, name, port, call, breakers):
    """From closed over open to closed, by calls alone."""
    file = watched(port, name)
    found, said = states(meshboard, file)
    report(found == dict.fromkeys(breakers, "closed"), f"{name}: --once hears of every breaker of the stream", said)
    watch = Following(meshboard, file)
    try:
        time.sleep(2)
        ask(port, "/bank/down")
        began = time.monotonic()
        for _ in range(6):
            ask(port, call)
        opened = watch.until(10, began, kind="breaker", to_state="open")
        report(opened is not None, f"{name}: the breaker is seen to open", watch.lines)
        report(opened is not None and opened - began < 2.5, f"{name}: within two ticks of the stream",
               opened and opened - began)
        trial = watch.until(10, began, kind="breaker", to_state="not-closed")
        waited = trial - opened if trial and opened else None
        report(waited is not None and 2 < waited < 5.5,
               f"{name}: after its sleep window it is not closed, for a call may be on trial", waited)
        found, said = states(meshboard, file)
        report(found.get("bank") in ("open", "not-closed"), f"{name}: --once sees it open", said)
        ask(port, "/bank/up")
        ask(port, call)
        closed = watch.until(10, trial or began, kind="breaker", to_state="closed")
        report(closed is not None, f"{name}: the breaker is seen to close", watch.lines)
        lines = [line for _, line in watch.lines if line.get("kind") == "breaker"]
        is_placed = all(line.get("to") == "bank" and "/hystrix.stream" in line["cause"] for line in lines)
        report(is_placed and len(lines) == 3, f"{name}: three transitions of one call, each with its source", lines)
    finally:
        watch.stop()


def check_return(meshboard, start, name, port, call):
    """The stream ends with its program, and is heard again when it is back."""
    file = watched(port, name)
    with start():
        watch = Following(meshboard, file)
        time.sleep(2)
    try:
        gone = watch.until(20, service=name, to_state="down")
        report(gone is not None, f"{name}: a program that is gone is down", watch.lines)
        with start():
            back = watch.until(20, gone or 0.0, service=name, to_state="up")
            report(back is not None, f"{name}: and up when it is back", watch.lines)
            ask(port, "/bank/down")
            for _ in range(6):
                ask(port, call)
            opened = watch.until(20, gone or 0.0, kind="breaker", to_state="open")
            report(opened is not None, f"{name}: its stream is heard again", watch.lines)
    finally:
        watch.stop()


def built(folder):
    """hystrix-go's program."""
    path = os.path.join(folder, "hystrix_go")
    subprocess.run(["go", "build", "-o", path, "."], cwd=os.path.join(HERE, "streams", "hystrix_go"), check=True)
    return path


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    meshboard, folder = (os.path.abspath(it) for it in sys.argv[1:])
    os.makedirs(folder, exist_ok=True)
    modules = {"NODE_PATH": os.path.join(os.environ["NODE_TOOLS"], "node_modules")}
    script = os.path.join(HERE, "streams", "opossum.cjs")
    port = free_port()

    def node():
        return running("opossum", port, ["node", script, str(port)], modules)

    with node():
        check(meshboard, "opossum", port, "/call/bank", ["bank", "mail"])
    check_return(meshboard, node, "opossum", port, "/call/bank")
    program, other = built(folder), free_port()
    with running("hystrix-go", other, [program, str(other)]):
        check(meshboard, "hystrix-go", other, "/call", ["bank"])
    finish()


if __name__ == "__main__":
    main()
