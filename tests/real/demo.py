#!/usr/bin/env python3
"""Runs the live shop, sends traffic to it through its exported gateway, and watches it.

usage: demo.py MESHBOARD SHOP.meshboard.json

Each service that the gateway calls gets the name and port of the design, from which a
small forwarder leads to the demo. Prints one line per check and exits with 1 if one
failed.
"""

import concurrent.futures
import contextlib
import json
import os
import re
import select
import socket
import subprocess
import sys
import tempfile
import threading
import time

import gateway
from gateway import ask, is_error, report, show

# One round of the demo's script, in seconds, and some for a slow machine.
ROUND = 60
SLACK = 30
TOKEN = {"Authorization": "Bearer x"}


class Forwarder:
    """Passes connections on to another address, and holds answers back if told to."""

    def __init__(self, at, to):
        self.to = to
        self.is_holding = False
        self.heads = []
        self.listener = socket.create_server(at, backlog=128)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self.connect, args=(client,), daemon=True).start()

    def connect(self, client):
        with contextlib.suppress(OSError), client, socket.create_connection(self.to) as service:
            while True:
                for readable in select.select([client, service], [], [])[0]:
                    piece = readable.recv(65536)
                    if not piece:
                        return
                    if readable is client:
                        self.heads.append(piece.decode("latin-1"))
                        service.sendall(piece)
                        continue
                    while self.is_holding:
                        time.sleep(0.05)
                    client.sendall(piece)


def free_base(count):
    """7100 as in the design if its ports are free, or else others."""
    for base in [7100, *range(17100, 27100, 100)]:
        with contextlib.ExitStack() as held:
            try:
                for port in range(base, base + count):
                    held.enter_context(socket.create_server(("127.0.0.1", port)))
                return base
            except OSError:
                pass
    return sys.exit("there are no free ports for the demo")


def moved(project, base, folder):
    """The file to watch: the design itself, or a copy that leads to other ports."""
    environment = json.loads(json.dumps(project["environments"]["demo"]))
    targets = {}
    for service, target in environment["targets"].items():
        target["instances"] = [
            re.sub(r":71(\d\d)$", lambda it: f":{base + int(it[1])}", instance) for instance in target["instances"]]
        targets[service] = [int(it.rsplit(":", 1)[1]) for it in target["instances"]]
    path = os.path.join(folder, "shop.meshboard.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump({**project, "environments": {"demo": environment}}, file)
    return path, targets


@contextlib.contextmanager
def running(command):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        gateway.stop(process)


def watch(meshboard, path):
    """What `watch --once` exits with and shows."""
    done = subprocess.run([meshboard, "watch", path, "--env", "demo", "--once", "--format", "json"],
                          capture_output=True, text=True, timeout=30, check=False)
    try:
        return done.returncode, json.loads(done.stdout)
    except ValueError:
        return done.returncode, {"services": {}, "breakers": [], "said": done.stdout + done.stderr}


def until(what, seconds, look):
    """Looks again and again until what is seen is as wanted."""
    end = time.monotonic() + seconds
    while True:
        is_seen, seen = look()
        if is_seen or time.monotonic() > end:
            report(is_seen, what, seen)
            return
        time.sleep(0.5)


def breaker_states(shown):
    return {f"{it['from']} → {it['to']}": it["state"] for it in shown["breakers"]}


def health(shown):
    return {name: it["health"] for name, it in shown["services"].items()}


def check_watch_while_well(meshboard, path, project):
    drawn = {f"{it['from']} → {it['to']}" for it in project["dependencies"].values() if "breaker" in it}
    services = set(project["services"])

    def look():
        code, shown = watch(meshboard, path)
        states = breaker_states(shown)
        fine = (code == 0 and set(health(shown)) == services and set(health(shown).values()) == {"up"}
                and set(states) == drawn and set(states.values()) == {"closed"})
        return fine, (code, health(shown), states)

    until(f"watch: {len(services)} services up, {len(drawn)} breakers closed, exits with 0", ROUND + SLACK, look)


def check_watch_while_down(meshboard, path):
    def look():
        code, shown = watch(meshboard, path)
        states = breaker_states(shown)
        fine = (code == 1 and health(shown).get("payments") == "down"
                and states.get("payments → bank") in {"open", "half-open"}
                and any("bank" in it["summary"] for it in shown.get("incidents", [])))
        return fine, (code, health(shown), states)

    until("watch: payments down, its breaker open, the bank named, exits with 1", ROUND + SLACK, look)


def check_routes(port, forwarders):
    for route, headers in [("orders", TOKEN), ("catalog", {})]:
        answers = []

        def look(route=route, headers=headers, answers=answers):
            answers.append(ask(port, "shop.example.test", f"/{route}", headers={**headers, "X-Request-ID": "demo-12345678"}))
            return answers[-1].status == 200, show(answers[-1])

        until(f"traffic: /{route} is answered by the demo's {route}", ROUND + SLACK, look)
        head = next((it for it in forwarders[route].heads if it.startswith(f"GET /{route} ")), "")
        report("x-request-id: demo-12345678" in head.lower()
               and answers[-1].all("X-Request-ID") == ["demo-12345678"],
               f"traffic: {route} sees the request id, and so does the caller", (head, show(answers[-1])))


def check_refusals(port):
    passed = ask(port, "shop.example.test", "/orders/no-such-order", headers=TOKEN)
    report(passed.status == 404 and passed.body == b"", "traffic: a 404 of the service is passed on", show(passed))
    unknown = ask(port, "shop.example.test", "/no-such-route")
    report(is_error(unknown, 404), "traffic: an unknown route answers 404 in JSON", show(unknown))
    denied = ask(port, "shop.example.test", "/orders")
    report(is_error(denied, 401), "traffic: no credentials answers 401 in JSON", show(denied))


def check_rate_limit(port):
    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(lambda _: ask(port, "shop.example.test", "/orders", headers=TOKEN), range(200)))
    refused = [it for it in answers if it.status == 429]
    served = [it for it in answers if it.status in {200, 503}]
    report(len(refused) + len(served) == 200 and len(served) >= 20 and refused and all(is_error(it, 429) for it in refused),
           "traffic: the rate limit answers 429 in JSON, the rest is served", sorted(it.status for it in answers))


def check_timeout(port, forwarder, milliseconds):
    forwarder.is_holding = True
    start = time.monotonic()
    answer = ask(port, "shop.example.test", "/orders", headers=TOKEN)
    took = time.monotonic() - start
    forwarder.is_holding = False
    report(is_error(answer, 504) and milliseconds * 0.9 <= took * 1000 < milliseconds * 2,
           f"traffic: orders held back answers 504 after {milliseconds} ms", f"{took:.2f} s, {show(answer)}")
    again = lambda: ask(port, "shop.example.test", "/orders", headers=TOKEN)  # noqa: E731
    until("traffic: orders let go is served again", 20, lambda: ((it := again()).status in {200, 503}, show(it)))


def check_traffic(meshboard, design, project, targets, folder):
    bundle = os.path.join(folder, "out")
    subprocess.run([meshboard, "export", design, "--to", bundle], check=True, capture_output=True, timeout=60)
    with open(os.path.join(bundle, "gateway", "nginx.conf"), encoding="utf-8") as file:
        text = file.read()
    forwarders, addresses = {}, {}
    for number, (name, port) in enumerate(sorted(set(re.findall(r"^\s+server ([a-z0-9.-]+):(\d+)", text, re.M)))):
        addresses[name] = gateway.address(number)
        forwarders[name] = Forwarder((addresses[name], int(port)), ("127.0.0.1", targets[name][0]))
    with gateway.nginx(text, addresses) as (_, port):
        check_routes(port, forwarders)
        check_refusals(port)
        check_rate_limit(port)
        check_timeout(port, forwarders["orders"], project["routes"]["orders"]["timeout_ms"])


def check_lines(meshboard):
    """What the demo prints in its first twenty seconds, in which the bank fails."""
    done = subprocess.run([meshboard, "demo", "--headless", "--seconds", "20"],
                          capture_output=True, text=True, timeout=60, check=False)
    try:
        lines = [json.loads(it) for it in done.stdout.splitlines()]
    except ValueError as error:
        lines = [{"kind": str(error)}]
    opened = any(it["kind"] == "breaker" and it["to"] == "bank" and it["to_state"] == "open" for it in lines)
    is_known = {it["kind"] for it in lines} == {"health", "breaker"}
    report(done.returncode == 0 and is_known and opened,
           f"demo: {len(lines)} lines of JSON in 20 s, payments → bank opens, exits with 0",
           (done.returncode, done.stdout[-500:], done.stderr[-500:]))


def main():
    meshboard, design = sys.argv[1:3]
    with open(design, encoding="utf-8") as file:
        project = json.load(file)
    count = sum(len(it["instances"]) for it in project["environments"]["demo"]["targets"].values())
    lines = threading.Thread(target=check_lines, args=(meshboard,))
    lines.start()
    with tempfile.TemporaryDirectory(prefix="meshboard-demo-") as folder:
        base = free_base(count)
        path, targets = (moved(project, base, folder))
        watched = design if base == 7100 else path
        command = [meshboard, "demo", "--headless", "--port-base", str(base), "--seconds", "400"]
        with running(command) as process:
            check_watch_while_well(meshboard, watched, project)
            check_traffic(meshboard, design, project, targets, folder)
            check_watch_while_down(meshboard, watched)
            check_watch_while_well(meshboard, watched, project)
            report(process.poll() is None, "demo: runs to the end", process.returncode)
    lines.join()
    sys.exit(1 if gateway.FAILED else 0)


if __name__ == "__main__":
    main()
