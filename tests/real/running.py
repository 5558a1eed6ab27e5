#!/usr/bin/env python3
"""Runs a whole exported system and breaks it: gateway, services, discovery, metrics.

usage: running.py MESHBOARD [GATEWAY...]

The files run as they were exported, in a world where service names exist: a mount
namespace with an /etc/hosts of its own gives each service a loopback address. What
differs is said where it is done: who listens where, and how long an alert has to hold.
Services get the environment that Docker Compose's own parser says. Prints one line per
check and exits with 1 if one failed.
"""

import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

import gateway
from gateway import report, show

HERE = os.path.dirname(os.path.abspath(__file__))
DESIGN = os.path.join(HERE, "designs", "running.meshboard.json")
SERVICES = {"catalog": 5103, "orders": 5101, "payments": 5102}
NAMES = [*SERVICES, "gateway", "consul", "prometheus"]
HOST = "shop.example.com"
GATEWAYS = ["nginx", "envoy", "traefik", "caddy", "haproxy"]
REQUEST_ID = "running-0123456789"


def address(name):
    return gateway.address(NAMES.index(name))


def enter_world():
    """Starts this program again where the names of the services exist."""
    folder = tempfile.mkdtemp(prefix="meshboard-running-")
    hosts = os.path.join(folder, "hosts")
    with open(hosts, "w", encoding="utf-8") as file:
        file.write("127.0.0.1 localhost\n")
        file.writelines(f"{address(name)} {name}\n" for name in NAMES)
    private = ["unshare", "--mount", "--propagation", "private"]
    if os.geteuid() != 0:
        private[1:1] = ["--user", "--map-root-user"]
    script = 'mount --bind "$1" /etc/hosts && shift && exec "$@"'
    os.environ["MESHBOARD_WORLD"] = folder
    # The process stays the same, and with it the addresses.
    words = [*private, "bash", "-c", script, "_", hosts, sys.executable, os.path.abspath(__file__), *sys.argv[1:]]
    os.execvp(words[0], words)


def until(seconds, look, what):
    """Waits until something is so; says how long it took, or that it never was."""
    start = time.monotonic()
    last = None
    while time.monotonic() - start < seconds:
        with contextlib.suppress(OSError, ValueError, KeyError, http.client.HTTPException):
            last = look()
            if last:
                return time.monotonic() - start
        time.sleep(0.1)
    report(False, what, f"not after {seconds} s, last {last!r}")
    return None


def get(host, port, path, method="GET", headers=None, body=None):
    """Asks; gives status, headers in lower case and the body."""
    connection = http.client.HTTPConnection(host, port, timeout=15)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, {key.lower(): value for key, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def get_json(host, port, path):
    return json.loads(get(host, port, path)[2])


class Program:
    """A program that runs while the check does, and its log."""

    def __init__(self, folder, name, command, **options):
        self.path = os.path.join(folder, f"{name}.log")
        self.log = open(self.path, "ab")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=subprocess.STDOUT, **options)

    def said(self):
        with open(self.path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            gateway.stop(self.process)
        self.log.close()


class System:
    """The exported system, running."""

    def __init__(self, meshboard, folder):
        self.meshboard, self.folder = meshboard, folder
        self.bundle = self.export("nginx")
        self.python = self.install()
        self.environment = self.told()
        self.services = {}

    def export(self, technology):
        with open(DESIGN, encoding="utf-8") as file:
            design = json.load(file)
        design["services"]["gateway"]["technology"] = technology
        self.project = os.path.join(self.folder, f"{technology}.meshboard.json")
        with open(self.project, "w", encoding="utf-8") as file:
            json.dump(design, file)
        bundle = os.path.join(self.folder, technology)
        subprocess.run([self.meshboard, "export", self.project, "--to", bundle], check=True, capture_output=True)
        return bundle

    def install(self):
        """The packages of the exported lock file; with their hashes, as the image has them."""
        folder = os.path.join(self.folder, "python")
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        python = os.path.join(folder, "bin", "python")
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes",
             "--only-binary=:all:", "-r", os.path.join(self.bundle, "services/orders/requirements.txt")],
            check=True,
        )
        return python

    def told(self):
        """Each service's environment, as Docker Compose's parser understands the export."""
        import compose

        program = os.path.join(compose.__path__[0], "docker-compose")
        said = subprocess.run(
            [program, "--project-directory", self.bundle, "--env-file", f"{self.bundle}/.env.example",
             "-f", f"{self.bundle}/compose.yaml", "config", "--format", "json"],
            check=True, capture_output=True,
        ).stdout
        services = json.loads(said)["services"]
        return {name: services[name]["environment"] for name in SERVICES}

    def start(self, name):
        port = self.environment[name]["PORT"]
        command = [self.python, "-m", "uvicorn", "app.main:app", "--host", address(name), "--port", port,
                   "--no-server-header", "--timeout-graceful-shutdown", "5"]
        self.services[name] = Program(
            self.folder, name, command, cwd=os.path.join(self.bundle, "services", name),
            env={**self.environment[name], "PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"},
        )
        until(60, lambda: get(name, int(port), "/health")[0] == 200, f"{name} answers")

    def stop(self):
        for program in self.services.values():
            program.stop()

    def breaker(self):
        """The state of orders → payments, as orders says it."""
        said = get_json("orders", SERVICES["orders"], "/breakers")
        all_of_them = said if isinstance(said, list) else said.get("breakers", said.get("circuits"))
        return next(it for it in all_of_them if it["name"] == "payments")["state"].lower()

    def rejected(self):
        """Calls of payments that the breaker did not let through."""
        text = get("orders", SERVICES["orders"], "/metrics")[2].decode()
        found = re.search(r'^circuit_breaker_calls_total\{[^}]*outcome="rejected"[^}]*\} ([0-9.e+]+)', text, re.M)
        return float(found[1]) if found else 0.0

    def watched(self):
        """What the watcher says of it: its breakers' states, its services' health."""
        allowed = [word for name in SERVICES for word in ("--allow", name)]
        ran = subprocess.run(
            [self.meshboard, "watch", self.project, "--env", "running", "--once", "--format", "json", *allowed],
            capture_output=True, check=False,
        )
        said = json.loads(ran.stdout)
        return ({it["to"]: it["state"] for it in said["breakers"]},
                {name: it["health"] for name, it in said["services"].items()})


class Front:
    """A gateway that runs its exported configuration."""

    def __init__(self, system, technology):
        self.technology = technology
        self.bundle = system.export(technology)
        self.port = 8180
        folder = os.path.join(system.folder, f"run-{technology}")
        os.makedirs(folder, exist_ok=True)
        os.chmod(folder, 0o777)
        os.chmod(system.folder, 0o755)
        self.program = Program(folder, technology, self.command(folder), cwd=folder)
        until(30, self.is_up, f"{technology} listens")

    def is_up(self):
        # It is asked for something that it has to pass on.
        return get("gateway", self.port, "/products", headers={"Host": HOST})[0] in (200, 429)

    def moved(self, file, folder, pattern, replacement):
        """An exported file, listening at the gateway's own address."""
        with open(os.path.join(self.bundle, file), encoding="utf-8") as source:
            text, count = re.subn(pattern, replacement, source.read(), flags=re.M)
        if count == 0:
            sys.exit(f"{file} says nowhere where it listens")
        path = os.path.join(folder, os.path.basename(file))
        with open(path, "w", encoding="utf-8") as target:
            target.write(text)
        return path

    def command(self, folder):
        here = address("gateway")
        if self.technology == "nginx":
            path = self.moved("gateway/nginx.conf", folder, r"\blisten (\d+)", rf"listen {here}:\1")
            temporary = os.path.join(folder, "tmp")
            os.makedirs(temporary, exist_ok=True)
            os.chmod(temporary, 0o777)
            self.moved_text(path, " /tmp/", f" {temporary}/")
            return ["nginx", "-c", path, "-p", folder, "-g", "daemon off;"]
        if self.technology == "envoy":
            path = self.moved("envoy/envoy.yaml", folder, r'address: "0\.0\.0\.0"', f'address: "{here}"')
            return ["envoy", "-c", path, "--concurrency", "1", "--base-id", str(os.getpid() % 30000), "-l", "warn",
                    "--file-flush-interval-msec", "200"]
        if self.technology == "traefik":
            dynamic = self.moved("traefik/dynamic.yaml", folder, r"\A", "")
            path = self.moved("traefik/traefik.yaml", folder, r'address: ":8180"', f'address: "{here}:8180"')
            self.moved_text(path, "/etc/traefik/dynamic.yaml", dynamic)
            return ["traefik", f"--configFile={path}"]
        if self.technology == "caddy":
            path = self.moved("caddy/Caddyfile", folder, r"^\{\n\tadmin off\n", f"{{\n\tadmin off\n\tdefault_bind {here}\n")
            os.environ.update(XDG_DATA_HOME=folder, XDG_CONFIG_HOME=folder)
            return ["caddy", "run", "--config", path, "--adapter", "caddyfile"]
        path = self.moved("haproxy/haproxy.cfg", folder, r"^( *bind ):8180", rf"\g<1>{here}:8180")
        # There is no DNS here that knows the names, only the file of hosts.
        self.moved_text(path, " resolvers names resolve-prefer ipv4", "")
        return ["haproxy", "-W", "-db", "-f", path]

    @staticmethod
    def moved_text(path, old, new):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace(old, new))

    def ask(self, path, method="GET", host=HOST, headers=None, body=None):
        try:
            status, found, text = get("gateway", self.port, path, method, {"Host": host, **(headers or {})}, body)
        except (OSError, http.client.HTTPException):
            return gateway.Answer(0, [], b"")
        return gateway.Answer(status, list(found.items()), text)


def check_front(front, system):
    """One request from end to end, and what a gateway refuses."""
    name = front.technology
    answer = front.ask("/orders", "POST", headers={"X-Request-ID": REQUEST_ID, "Content-Type": "application/json"},
                       body=b"{}")
    report(answer.status in (200, 201), f"{name}: a request from end to end", show(answer))
    report(answer.all("x-request-id") == [REQUEST_ID], f"{name}: the answer has the request's id", show(answer))
    logs = {"orders": system.services["orders"], "payments": system.services["payments"], name: front.program}
    found = [until(5, lambda it=program: REQUEST_ID in it.said(), f"{name}: the request's id is in the log of {whose}")
             for whose, program in logs.items()]
    if None not in found:
        report(True, f"{name}: the request's id is in every log")
    answer = front.ask("/nowhere")
    report(answer.status == 404, f"{name}: a path without a route is answered 404", show(answer))
    answer = front.ask("/orders", host="elsewhere.example.com")
    report(answer.status in (0, 400, 404, 421), f"{name}: another host is not served", show(answer))
    answer = front.ask("/orders", "POST", body=b"x" * 66 * 1024)
    report(answer.status in (0, 413), f"{name}: a body beyond the limit is refused", show(answer))
    check_rate(front)
    time.sleep(3)  # until every rate limit has room again
    system.services["catalog"].process.send_signal(signal.SIGSTOP)
    try:
        start = time.monotonic()
        answer = front.ask("/products")
        seconds = time.monotonic() - start
    finally:
        system.services["catalog"].process.send_signal(signal.SIGCONT)
    is_ended = answer.status in (502, 503, 504) and seconds > 1.2
    report(is_ended, f"{name}: a route's timeout ends the wait", f"{show(answer)} after {seconds:.2f} s")
    until(15, front.is_up, f"{name}: serves again")


def check_rate(front):
    if front.technology == "caddy":
        return  # it has no rate limit, and says so
    statuses = [front.ask("/products").status for _ in range(40)]
    is_limited = 200 in statuses and 429 in statuses and set(statuses) <= {200, 429}
    report(is_limited, f"{front.technology}: a client beyond the rate is refused", f"{statuses}")


def place_order(front):
    return front.ask("/orders", "POST", headers={"Content-Type": "application/json"}, body=b"{}")


def check_breaker(front, system):
    """Payments goes: its breaker opens as drawn, and closes as drawn."""
    report(system.breaker() == "closed", "the breaker is closed while all is well")
    system.services["payments"].stop()
    calls = 0
    answers = []
    while system.breaker() == "closed" and calls < 20:
        answers.append(place_order(front))
        calls += 1
    opened = time.monotonic()
    report(calls == 4, "the breaker opens after the drawn four failures in a row", f"{calls} calls")
    fallbacks = ["the order waits for its payment" in it.body.decode() for it in answers]
    report(all(it.status in (200, 201) for it in answers) and all(fallbacks),
           "the drawn fallback answers instead", show(answers[-1]))
    rejected = system.rejected()
    answer = place_order(front)
    report(system.rejected() == rejected + 1 and "waits for its payment" in answer.body.decode(),
           "an open breaker lets nobody through", show(answer))
    breakers, health = system.watched()
    report(breakers.get("payments") == "open" and health.get("payments") == "down" and health.get("orders") != "down",
           "the watcher says the same: open, and payments down", f"{breakers} {health}")
    until(30, lambda: system.breaker() in ("half_open", "half-open"), "the breaker tries again")
    seconds = time.monotonic() - opened
    report(seconds > 2.5, "the breaker stays open for the drawn three seconds", f"{seconds:.1f} s")
    place_order(front)
    report(system.breaker() == "open", "a failed trial opens it again", system.breaker())
    return answers


def check_recovery(front, system):
    system.start("payments")
    until(10, lambda: system.breaker() in ("half_open", "half-open"), "the breaker tries again")
    place_order(front)
    report(system.breaker() in ("half_open", "half-open"), "one good trial of two does not close it", system.breaker())
    place_order(front)
    report(system.breaker() == "closed", "two good trials close it", system.breaker())
    answer = place_order(front)
    report(answer.status in (200, 201) and "waits for its payment" not in answer.body.decode(),
           "orders are paid again", show(answer))
    breakers, health = system.watched()
    report(breakers.get("payments") == "closed" and health.get("payments") == "up",
           "the watcher says the same: closed, and payments up", f"{breakers} {health}")


class Consul:
    """An agent with what was exported registered."""

    def __init__(self, system):
        folder = os.path.join(system.folder, "consul")
        os.makedirs(folder, exist_ok=True)
        self.port = 8500
        ports = {"http": self.port, "dns": -1, "grpc": -1, "grpc_tls": -1, "serf_lan": 8301, "serf_wan": 8302,
                 "server": 8300}
        private = os.path.join(folder, "private.json")
        with open(private, "w", encoding="utf-8") as file:
            json.dump({"bind_addr": address("consul"), "client_addr": address("consul"), "ports": ports,
                       "data_dir": os.path.join(folder, "data")}, file)
        exported = os.path.join(system.bundle, "consul")
        self.program = Program(system.folder, "consul", [
            "consul", "agent", "-dev", f"-config-file={exported}/agent.json", f"-config-file={private}"])
        until(60, lambda: get_json("consul", self.port, "/v1/status/leader"), "Consul has a leader")
        files = [os.path.join(exported, f"{name}.json") for name in SERVICES]
        registered = subprocess.run(["consul", "services", "register", *files], capture_output=True, check=False,
                                    env={**os.environ, "CONSUL_HTTP_ADDR": f"consul:{self.port}"})
        report(registered.returncode == 0, "Consul takes every exported registration",
               (registered.stdout + registered.stderr).decode())

    def call(self, name):
        """Asks a service where Consul says that it is."""
        found = get_json("consul", self.port, f"/v1/health/service/{name}?passing")[0]["Service"]
        return get(found["Address"], found["Port"], "/health")[0]

    def passing(self, name):
        return len(get_json("consul", self.port, f"/v1/health/service/{name}?passing"))


class Prometheus:
    """The exported scrape configuration and alerts; alerts hold for two seconds only."""

    def __init__(self, system):
        folder = os.path.join(system.folder, "prometheus")
        os.makedirs(folder, exist_ok=True)
        exported = os.path.join(system.bundle, "prometheus")
        for file in os.listdir(exported):
            with open(os.path.join(exported, file), encoding="utf-8") as source:
                text = source.read()
            text = re.sub(r"(scrape_interval|evaluation_interval|interval): \w+", r"\1: 1s", text)
            text = re.sub(r"scrape_timeout: \w+", "scrape_timeout: 1s", text)
            text = re.sub(r"\bfor: \w+", "for: 2s", text)
            with open(os.path.join(folder, file), "w", encoding="utf-8") as target:
                target.write(text)
        self.program = Program(system.folder, "prometheus-server", [
            "prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
            f"--web.listen-address={address('prometheus')}:9090"], cwd=folder)
        until(30, lambda: get("prometheus", 9090, "/-/ready")[0] == 200, "Prometheus is ready")

    def up(self, name):
        found = get_json("prometheus", 9090, "/api/v1/targets")["data"]["activeTargets"]
        return any(it["health"] == "up" and f"//{name}:" in it["scrapeUrl"] for it in found)

    def firing(self):
        alerts = get_json("prometheus", 9090, "/api/v1/alerts")["data"]["alerts"]
        return {(it["labels"]["alertname"], it["labels"].get("service", "")) for it in alerts
                if it["state"] == "firing"}


def run(system, technologies):
    for name in SERVICES:
        system.start(name)
    consul, prometheus = Consul(system), Prometheus(system)
    fronts = []
    try:
        for name in SERVICES:
            until(20, lambda it=name: consul.passing(it) == 1, f"Consul: {name} passes")
            until(20, lambda it=name: prometheus.up(it), f"Prometheus: {name} is up")
        report(True, "Consul and Prometheus find every service by its name")
        statuses = {name: consul.call(name) for name in SERVICES}
        report(set(statuses.values()) == {200}, "every service answers where Consul says it is", f"{statuses}")
        for technology in technologies:
            front = Front(system, technology)
            fronts.append(front)
            check_front(front, system)
            if technology == technologies[0]:
                check_breaker(front, system)
                until(30, lambda: consul.passing("payments") == 0, "Consul: payments is critical, and not handed out")
                report(True, "Consul: payments is critical, and not handed out")
                until(40, lambda: any(service == "payments" for _, service in prometheus.firing()),
                      "Prometheus: an alert on payments fires")
                until(40, lambda: any("reaker" in name for name, _ in prometheus.firing()),
                      "Prometheus: an alert on the breaker fires")
                report(True, "Prometheus: the alerts on payments and on the breaker fire")
                check_recovery(front, system)
                until(30, lambda: consul.passing("payments") == 1, "Consul: payments passes again")
            front.program.stop()
    finally:
        for it in [*(front.program for front in fronts), consul.program, prometheus.program]:
            it.stop()


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    if "MESHBOARD_WORLD" not in os.environ:
        sys.argv[1] = os.path.abspath(sys.argv[1])
        enter_world()
    folder = os.environ["MESHBOARD_WORLD"]
    system = System(sys.argv[1], folder)
    try:
        run(system, sys.argv[2:] or GATEWAYS)
    finally:
        system.stop()
        if gateway.FAILED and os.environ.get("MESHBOARD_KEEP"):
            print(f"       what it said is in {folder}")
        else:
            subprocess.run(["rm", "-rf", folder], check=False)
    sys.exit(bool(gateway.FAILED))


if __name__ == "__main__":
    main()
