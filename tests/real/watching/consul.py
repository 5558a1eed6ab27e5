#!/usr/bin/env python3
"""Watches a design through a real Consul agent.

usage: consul.py MESHBOARD [CONSUL]

Services are registered, fail, come back and go; a second agent has ACLs. Everything runs
on loopback addresses and ports of this run's own. Prints one line per check and exits with
1 if one failed.
"""

import contextlib
import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

from common import finish, free_port, project, report
from following import Following, once

import gateway

ADDRESS = gateway.GATEWAY
MANAGER = "5f0c8a52-0f5e-4f39-9e2e-3c3c6b0a7c11"


class Agent:
    """A Consul agent of one server that keeps nothing."""

    def __init__(self, program, name, has_acls=False):
        self.folder = tempfile.TemporaryDirectory(prefix="meshboard-consul-")
        names = ["http", "dns", "grpc", "serf_lan", "serf_wan", "server"]
        self.ports = {it: free_port(ADDRESS) for it in names}
        settings = {
            "node_name": name, "data_dir": os.path.join(self.folder.name, "data"), "bind_addr": ADDRESS,
            "client_addr": ADDRESS, "ports": {**self.ports, "grpc_tls": -1}, "leave_on_terminate": False,
            "check_update_interval": "0s",
        }
        if has_acls:
            tokens = {"initial_management": MANAGER, "agent": MANAGER}
            settings["acl"] = {"enabled": True, "default_policy": "deny", "tokens": tokens}
        path = os.path.join(self.folder.name, "agent.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(settings, file)
        self.url = f"http://{ADDRESS}:{self.ports['http']}"
        self.log = open(os.path.join(self.folder.name, "log"), "w", encoding="utf-8")
        self.process = subprocess.Popen([program, "agent", "-dev", f"-config-file={path}"], stdout=self.log,
                                        stderr=subprocess.STDOUT)

    def ask(self, path, body=None, method="GET"):
        data = None if body is None else json.dumps(body).encode()
        headers = {"X-Consul-Token": MANAGER}
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read() or b"null")

    def put(self, path, body=None):
        return self.ask(path, body, "PUT")

    def await_ready(self):
        def is_ready():
            return len(self.ask("/v1/health/state/passing")) > 0

        if wait_for(is_ready, 60) is None:
            with open(self.log.name, encoding="utf-8") as file:
                sys.exit("the agent did not start:\n" + file.read()[-3000:])

    def stop(self):
        gateway.stop(self.process)
        self.log.close()
        self.folder.cleanup()


def wait_for(question, seconds):
    """How long it took until something was so; None if it never was."""
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        with contextlib.suppress(OSError, ValueError):
            if question():
                return time.monotonic() - start
        time.sleep(0.05)
    return None


class Quiet(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


class Backend:
    """A service that answers, until it is killed."""

    def __init__(self):
        self.port = free_port(ADDRESS)
        self.start()

    def start(self):
        self.server = http.server.ThreadingHTTPServer((ADDRESS, self.port), Quiet)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def kill(self):
        self.server.shutdown()
        self.server.server_close()


def register(agent, backend):
    """Three orders, one of them with an HTTP check; payments warns, mail fails, stock has no checks."""
    def service(name, number, checks):
        agent.put("/v1/agent/service/register", {
            "ID": f"{name}-{number}", "Name": name, "Address": f"10.0.0.{number}", "Port": 8080, "Checks": checks})

    def ttl(name, status="passing"):
        return {"CheckID": name, "Name": f"{name} heartbeat", "TTL": "10m", "Status": status}

    for number in (1, 2):
        service("orders", number, [ttl(f"orders-{number}")])
    url = f"http://{ADDRESS}:{backend.port}/"
    service("orders", 3, [{"CheckID": "orders-3", "Name": "orders answers", "HTTP": url, "Interval": "1s",
                           "Timeout": "1s", "Status": "passing"}])
    service("payments-service", 1, [ttl("payments", "warning")])
    service("mail", 1, [ttl("mail", "critical")])
    service("stock", 1, [])
    service("stranger", 1, [ttl("stranger")])


def design(agent, interval_ms=None, credential=None):
    services = {it: {"kind": "service"} for it in ["orders", "payments", "mail", "stock", "lost"]}
    source = {"kind": "consul", "address": agent.url}
    if interval_ms:
        source["interval_ms"] = interval_ms
    if credential:
        source["credential"] = {"bearer-from-environment": credential}
    return project(services, {}, {"sources": {"registry": source}})


def health(snapshot):
    return {name: it["health"] for name, it in snapshot["services"].items()}


def instances(snapshot, service):
    found = snapshot["services"].get(service, {}).get("instances", {})
    return found.get("up"), found.get("all")


def check_once(meshboard, agent):
    seen, _ = once(meshboard, design(agent))
    expected = {"orders": "up", "payments": "degraded", "mail": "down", "stock": "up"}
    report(health(seen) == expected, "passing is up, warning degraded, critical down, no checks as the node's", health(seen))
    report(instances(seen, "orders") == (3, 3), "three of three instances", instances(seen, "orders"))
    listed = seen["services"]["stock"]["instances"]["list"]
    is_there = [(it["address"], it["raw"]) for it in listed] == [("10.0.0.1:8080", "passing")]
    report(is_there, "an instance without checks comes from the catalog, with its address", listed)
    raw = seen["services"]["mail"]["raw"]
    report(raw == "critical: mail heartbeat", "the failing check is named", raw)
    source = seen["sources"]["registry"]
    report(source["reach"] == "ok" and source["note"] is None, "the source answers and has nothing to add", source)


def check_course(meshboard, agent, backend):
    """What happens is seen when it happens."""
    patient = Following(meshboard, design(agent))  # asks with a wait of 55 seconds
    watching = Following(meshboard, design(agent, 3000))
    try:
        for it in (patient, watching):
            it.until(10, service="mail", to_state="down")
        time.sleep(1)
        backend.kill()
        wait_for(lambda: state_of(agent, "orders-3") == "critical", 15)
        known = time.monotonic()
        for it, name in ((patient, "the default interval"), (watching, "an interval of 3 s")):
            at = it.until(8, service="orders", to_state="degraded")
            is_soon = at is not None and at - known < 2.5
            report(is_soon, f"a killed service is seen at once, with {name}", f"{at and at - known}")
        report("registry says critical: orders answers for 10.0.0.3:8080" in watching.causes(),
               "the cause names the check and the instance", watching.causes())
        seen, _ = once(meshboard, design(agent))
        report(instances(seen, "orders") == (2, 3), "two of three instances are up", instances(seen, "orders"))
        agent.put("/v1/agent/check/pass/mail")
        agent.put("/v1/agent/check/fail/payments")
        report(watching.until(10, service="mail", to_state="up"), "a check that passes again is up",
               watching.of("mail"))
        report(watching.until(10, service="payments", to_state="down"), "a warning that turns critical is down",
               watching.of("payments"))
        agent.put("/v1/agent/service/deregister/orders-3")
        report(watching.until(10, service="orders", to_state="up"),
               "without the deregistered instance the service is well", watching.of("orders"))
        seen, _ = once(meshboard, design(agent))
        report(instances(seen, "orders") == (2, 2), "two of two instances are left", instances(seen, "orders"))
        agent.put("/v1/agent/service/maintenance/orders-1?enable=true&reason=test")
        agent.put("/v1/agent/service/maintenance/orders-2?enable=true&reason=test")
        report(watching.until(15, service="orders", to_state="out-of-service"),
               "maintenance is out of service", watching.of("orders"))
        agent.put("/v1/agent/service/deregister/stock-1")
        report(watching.until(15, service="stock", to_state="unknown"),
               "a service that is gone is unknown, though it had no checks", watching.of("stock"))
        report("no source tells of it any more" in watching.causes(), "and that is said", watching.causes())
    finally:
        patient.stop()
        watching.stop()


def state_of(agent, check):
    return next((it["Status"] for it in agent.ask("/v1/health/state/any") if it["CheckID"] == check), None)


def check_node(meshboard, agent):
    """A check of the node counts for all that runs on it."""
    agent.put("/v1/agent/check/register", {"ID": "disk", "Name": "disk is full", "TTL": "10m",
                                           "Status": "critical"})
    wait_for(lambda: state_of(agent, "disk") == "critical", 10)
    seen, _ = once(meshboard, design(agent))
    report(health(seen).get("mail") == "down" and seen["services"]["mail"]["raw"] == "critical: disk is full",
           "a node's check counts for the instances on it", seen["services"].get("mail"))


def check_acls(meshboard, agent):
    agent.put("/v1/agent/service/register", {"ID": "orders-1", "Name": "orders", "Address": "10.0.0.1", "Port": 1})
    agent.put("/v1/agent/service/register", {"ID": "mail-1", "Name": "mail", "Check": {
        "TTL": "10m", "Status": "passing"}})
    rules = 'service "orders" { policy = "read" } node_prefix "" { policy = "read" }'
    agent.put("/v1/acl/policy", {"Name": "some", "Rules": rules})
    some = agent.put("/v1/acl/token", {"Policies": [{"Name": "some"}]})["SecretID"]
    file = design(agent, credential="WATCHED_TOKEN")
    seen, _ = once(meshboard, file, {"WATCHED_TOKEN": MANAGER})
    report(health(seen) == {"orders": "up", "mail": "up"} and seen["sources"]["registry"]["note"] is None,
           "a token that may read all sees all", seen)
    seen, said = once(meshboard, file, {"WATCHED_TOKEN": some})
    note = seen["sources"]["registry"]["note"]
    report(health(seen) == {"orders": "up"}, "a token that may read some sees some", health(seen))
    report(note == "filtered by ACLs: what is missing may only be hidden", "and says what filters", note)
    report(some not in said, "the token stands nowhere", said)
    seen, _ = once(meshboard, file, {"WATCHED_TOKEN": "00000000-1111-2222-3333-444444444444"})
    source = seen["sources"]["registry"]
    report(source["reach"] == "auth-denied" and "ACL not found" in (source["note"] or ""),
           "a token that is none is refused in Consul's words", source)
    seen, _ = once(meshboard, design(agent))
    note = seen["sources"]["registry"]["note"] or ""
    report(health(seen) == {} and "without a token" in note, "no token sees nothing, and that is said", note)


def main(meshboard, program="consul"):
    backend = Backend()
    agents = [Agent(program, "plain"), Agent(program, "guarded", has_acls=True)]
    try:
        for agent in agents:
            agent.await_ready()
        register(agents[0], backend)
        time.sleep(0.5)  # until the server has it from its agent
        check_once(meshboard, agents[0])
        check_course(meshboard, agents[0], backend)
        check_node(meshboard, agents[0])
        check_acls(meshboard, agents[1])
        file = design(agents[0])
    finally:
        for agent in agents:
            agent.stop()
    seen, _ = once(meshboard, file)
    report(seen["sources"]["registry"]["reach"] == "refused", "an agent that is gone is said, and nothing else", seen)
    finish()


if __name__ == "__main__":
    main(*sys.argv[1:])
