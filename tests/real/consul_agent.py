#!/usr/bin/env python3
"""Registers an exported bundle at a real Consul agent and reads it back.

usage: consul_agent.py BUNDLE_FOLDER [CONSUL]

The agent runs as exported, except that it keeps nothing and listens on a loopback address
and ports of this run's own. One service gets a backend, so that its check passes, then
fails. Prints one line per check and exits with 1 if one failed.
"""

import contextlib
import glob
import http.server
import json
import os
import re
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import gateway
from gateway import report

ADDRESS = gateway.GATEWAY
KINDS = {"http": "HTTP", "tcp": "TCP", "udp": "UDP"}


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def free_ports(count):
    """Ports that nobody has, held until all are known."""
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for it in sockets:
            it.bind((ADDRESS, 0))
        return [it.getsockname()[1] for it in sockets]


class Agent:
    def __init__(self, bundle, program="consul"):
        self.bundle, self.program = os.path.join(bundle, "consul"), program

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="meshboard-consul-")
        names = ["http", "dns", "grpc", "serf_lan", "serf_wan", "server"]
        self.ports = dict(zip(names, free_ports(len(names)), strict=True))
        # The design's own settings, then what makes them private to this run.
        private = {
            "data_dir": os.path.join(self.folder.name, "data"),
            "bind_addr": ADDRESS,
            "client_addr": ADDRESS,
            "ports": self.ports,
            "leave_on_terminate": False,
        }
        path = os.path.join(self.folder.name, "private.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(private, file)
        self.log = open(os.path.join(self.folder.name, "log"), "w", encoding="utf-8")
        command = [self.program, "agent", "-dev", f"-config-file={self.bundle}/agent.json", f"-config-file={path}"]
        self.process = subprocess.Popen(command, stdout=self.log, stderr=subprocess.STDOUT)
        for _ in range(600):
            with contextlib.suppress(OSError, ValueError):
                if self.get("/v1/status/leader") and self.get("/v1/connect/ca/roots")["Roots"]:
                    # What it says of itself while it starts is no business of the bundle.
                    self.started_at = len(self.said())
                    return self
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        said = self.said()
        self.__exit__()
        sys.exit("the agent did not start:\n" + said[-3000:])

    def __exit__(self, *_):
        gateway.stop(self.process)
        self.log.close()
        self.folder.cleanup()

    def said(self):
        with open(self.log.name, encoding="utf-8") as file:
            return file.read()

    def ask(self, path, body=None, method=None):
        url = f"http://{ADDRESS}:{self.ports['http']}{path}"
        request = urllib.request.Request(url, body, method=method)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read() or "null")

    def get(self, path):
        return self.ask(path)

    def run(self, *words):
        environment = {**os.environ, "CONSUL_HTTP_ADDR": f"http://{ADDRESS}:{self.ports['http']}"}
        ran = subprocess.run([self.program, *words], env=environment, capture_output=True, text=True, timeout=60)
        return ran.returncode == 0, ran.stdout + ran.stderr

    def services(self):
        paths = sorted(glob.glob(f"{self.bundle}/*.json"))
        return [it for it in paths if os.path.basename(it) != "agent.json"]

    def entries(self):
        # What a service speaks has to be known before what is said in those terms.
        kinds = ["defaults", "resolver", "intentions"]
        return [it for kind in kinds for it in sorted(glob.glob(f"{self.bundle}/config/*.{kind}.json"))]

    def write_all(self):
        """Registers and writes everything; gives what went wrong."""
        wrong = []
        for path in self.services():
            fine, said = self.run("services", "register", path)
            wrong += [] if fine else [f"{path}: {said}"]
        for path in self.entries():
            fine, said = self.run("config", "write", path)
            wrong += [] if fine else [f"{path}: {said}"]
        return wrong

    def srv(self, name):
        """The ports that DNS says for a service, by an SRV question."""
        question = struct.pack("!HHHHHH", 7, 0x0100, 1, 0, 0, 0)
        question += b"".join(bytes([len(it)]) + it.encode() for it in f"{name}.service.consul".split("."))
        question += b"\x00" + struct.pack("!HH", 33, 1)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
            asked.settimeout(5)
            asked.sendto(question, (ADDRESS, self.ports["dns"]))
            answer = asked.recv(4096)
        count = struct.unpack("!H", answer[6:8])[0]
        at, ports = len(question), []
        for _ in range(count):
            while answer[at] and answer[at] < 0xC0:
                at += 1 + answer[at]
            at += 2 if answer[at] else 1
            length = struct.unpack("!H", answer[at + 8:at + 10])[0]
            ports.append(struct.unpack("!H", answer[at + 14:at + 16])[0])
            at += 10 + length
        return ports


def await_true(question, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            if question():
                return True
        time.sleep(0.1)
    return False


def check_registered(agent, drawn):
    registered = agent.get("/v1/agent/services")
    checks = agent.get("/v1/agent/checks")
    own = {name: it for name, it in registered.items() if it.get("Kind", "") == ""}
    report(set(own) == {it["id"] for it in drawn}, f"{len(drawn)} services are registered",
           sorted(set(own) ^ {it["id"] for it in drawn}))
    wanted = {check["id"] for it in drawn for check in it["checks"]}
    found = {it["CheckID"] for it in checks.values() if it["ServiceID"] in own}
    report(wanted == found and len(wanted) == sum(len(it["checks"]) for it in drawn),
           f"{len(wanted)} checks are registered", sorted(wanted ^ found))
    with_sidecar = {f"{it['id']}-sidecar-proxy" for it in drawn if "connect" in it}
    sidecars = {name: it for name, it in registered.items() if it.get("Kind") == "connect-proxy"}
    report(set(sidecars) == with_sidecar, f"{len(with_sidecar)} sidecars are registered",
           sorted(set(sidecars) ^ with_sidecar))
    odd = [it for it in registered if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", it)]
    report(not odd, "every name is a DNS name", odd)
    wrong = []
    for it in drawn:
        seen = own.get(it["id"], {})
        for key, name in [("address", "Address"), ("port", "Port"), ("tags", "Tags"), ("meta", "Meta")]:
            if seen.get(name) != it[key]:
                wrong.append(f"{it['id']}: {name} is {seen.get(name)!r}")
        for check in it["checks"]:
            kind = next(KINDS[name] for name in KINDS if name in check)
            if checks.get(check["id"], {}).get("Type") != kind.lower():
                wrong.append(f"{check['id']}: {checks.get(check['id'])}")
    report(not wrong, "each service and check is as written", wrong[:5])


def check_entries(agent):
    wrong, count = [], 0
    for path in agent.entries():
        written = load(path)
        seen = agent.get(f"/v1/config/{written['Kind']}/{written['Name']}")
        count += 1
        if written["Kind"] == "service-intentions":
            sources = [{(it["Name"], it["Action"], it.get("Description", "")) for it in entry["Sources"]}
                       for entry in (written, seen)]
            if sources[0] != sources[1]:
                wrong.append(f"{path}: {sources[0] ^ sources[1]}")
        elif written["Kind"] == "service-defaults" and written["Protocol"] != seen["Protocol"]:
            wrong.append(f"{path}: {seen['Protocol']}")
    report(not wrong, f"{count} config entries are as written", wrong[:5])
    intended = [load(it) for it in agent.entries() if it.endswith(".intentions.json")]
    names = sorted(it["Name"] for it in intended)
    asked = wrong = 0
    for entry in intended:
        allowed = {it["Name"] for it in entry["Sources"] if it["Action"] == "allow"}
        for source in names[:12]:
            query = urllib.parse.urlencode({"source": source, "destination": entry["Name"]})
            asked += 1
            wrong += agent.get(f"/v1/connect/intentions/check?{query}")["Allowed"] != (source in allowed)
    report(wrong == 0, f"who may call whom is as drawn, asked {asked} times", f"{wrong} are not")


class Healthy(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


def check_health(agent, drawn):
    """One service with a backend: passing, then critical, then found no more."""
    chosen = next((it for it in drawn if "http" in it["checks"][0]), None)
    if chosen is None:
        return
    # A port of its own on an address of its own, and a check that does not wait long.
    server = http.server.ThreadingHTTPServer((gateway.address(1), 0), Healthy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    moved = json.loads(json.dumps(chosen))
    name, check = moved["name"], moved["checks"][0]
    moved["address"], moved["port"] = gateway.address(1), server.server_port
    path = urllib.parse.urlsplit(check["http"]).path
    check.update(http=f"http://{gateway.address(1)}:{server.server_port}{path}", interval="1s", timeout="900ms")
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump({"service": moved}, file)
        file.flush()
        agent.run("services", "register", file.name)

    def passing():
        return len(agent.get(f"/v1/health/service/{name}?passing")) == 1

    def state():
        return agent.get("/v1/agent/checks")[check["id"]]["Status"]

    report(await_true(passing), f"{name} passes its check at {path}", agent.get("/v1/agent/checks").get(check["id"]))
    ports = agent.srv(name)
    report(ports == [server.server_port], f"DNS finds {name} and its port", ports)
    server.shutdown()
    server.server_close()
    start = time.monotonic()
    report(await_true(lambda: state() == "critical", 60), f"{name} dead is critical", state())
    took, least = time.monotonic() - start, check["failures_before_critical"] - 2
    report(took >= least, f"{name} is critical after {check['failures_before_critical']} failed checks, no sooner",
           f"{took:.1f} s")
    report(await_true(lambda: not passing() and not agent.srv(name)), f"{name} dead is found no more", agent.srv(name))


def check_log(agent):
    odd = []
    for line in agent.said()[agent.started_at:].splitlines():
        if not line.startswith("{"):
            continue
        entry = json.loads(line)
        # Most services do not run, so their checks fail, which is said each time.
        if entry["@level"] in {"warn", "error"} and not entry["@message"].startswith(("Check ", "CA has not", "handling error in Manager.Notify", "failed to handle cache update event")):
            odd.append(line)
    report(not odd, "the agent has nothing to complain about", odd[:5])


def main():
    bundle = sys.argv[1]
    program = sys.argv[2] if len(sys.argv) > 2 else "consul"
    with Agent(bundle, program) as agent:
        wrong = agent.write_all()
        report(not wrong, f"{len(agent.services())} registrations and {len(agent.entries())} config entries are taken",
               "\n".join(wrong[:5]))
        drawn = [load(it)["service"] for it in agent.services()]
        check_registered(agent, drawn)
        check_entries(agent)
        check_health(agent, drawn)
        check_log(agent)
    sys.exit(1 if gateway.FAILED else 0)


if __name__ == "__main__":
    main()
