#!/usr/bin/env python3
"""Watches the programs behind one name, as they fall, go and come.

usage: names.py MESHBOARD

The name stands in an /etc/hosts of this proof's own (a mount namespace, and a user namespace
if the caller is not root), and leads to three loopback addresses. Prints one line per check
and exits with 1 if one failed; without namespaces it proves nothing and says so.
"""

import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading

from common import finish, free_port, project, report
from following import Following

NAME = "payments.test"
HOSTS = ["127.0.1.1", "127.0.1.2", "127.0.1.3"]
PRIVATE = ["unshare", *(["--user", "--map-root-user"] if os.getuid() else []), "--mount", "--propagation", "private"]
# No name server is asked for what is not in the file.
INSIDE = """mount --bind "$1/hosts" /etc/hosts && mount --bind "$1/resolv.conf" /etc/resolv.conf && shift && exec "$@" """


class Program(http.server.ThreadingHTTPServer):
    """Is well for whoever asks for it by its name."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, host, port):
        super().__init__((host, port), Answer)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def end(self):
        self.shutdown()
        self.server_close()


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        is_meant = self.headers["Host"] == f"{NAME}:{self.server.server_port}"
        body = json.dumps({"status": "UP" if is_meant else "DOWN"}).encode()
        self.send_response(200 if is_meant else 421)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def lead_to(folder, hosts):
    """The same file, because that is what stands for /etc/hosts."""
    with open(os.path.join(folder, "hosts"), "w", encoding="utf-8") as file:
        file.write("127.0.0.1 localhost\n" + "".join(f"{host} {NAME}\n" for host in hosts))


def once(meshboard, file):
    command = [meshboard, "watch", file, "--once", "--format", "json", "--allow", NAME, "--allow", "nobody.test"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return json.loads(ran.stdout or "{}").get("services", {})


def has(service, up, every):
    return (service["instances"]["up"], service["instances"]["all"]) == (up, every)


def main(meshboard, folder):
    port = free_port(HOSTS[0])
    programs = [Program(host, port) for host in HOSTS]
    target = {"is_each_address": True, "health_path": "/health"}
    file = project({"payments": {"kind": "service"}, "nobody": {"kind": "service"}}, {}, {
        "name": "Local", "interval_ms": 5000,
        "targets": {"payments": {"instances": [f"http://{NAME}:{port}"], **target},
                    "nobody": {"instances": [f"http://nobody.test:{port}"], **target}},
    }, folder)
    seen = once(meshboard, file)
    report(has(seen["payments"], 3, 3), "each address of a name is an instance, asked by its name", seen["payments"])
    nobody = seen["nobody"]
    report(has(nobody, 0, 1) and "is unknown" in nobody["raw"], "a name that leads nowhere is one instance", nobody)
    following = Following(meshboard, file, "--allow", NAME, "--allow", "nobody.test")
    try:
        report(following.until(15, service="nobody", to_state="down"), "and that is said while watching", following.lines)
        programs[2].end()
        fell = following.until(30, service="payments", to_state="degraded")
        report(fell, "the service is degraded when one of three falls", following.lines)
        shown = f"http://{HOSTS[2]}:{port} ({NAME})"
        report(any(shown in it for it in following.causes()), f"the cause names it: {shown}", following.causes())
        payments = once(meshboard, file)["payments"]
        report(has(payments, 2, 3), "2 of 3 work", payments)
        listed = [it["address"] for it in payments["instances"]["list"]]
        report(listed == [f"http://{host}:{port} ({NAME})" for host in HOSTS], "each is listed", listed)
        lead_to(folder, HOSTS[:2])
        report(following.until(50, since=fell or 0.0, service="payments", to_state="up"),
               "without it in the name all is well again", following.lines)
        payments = once(meshboard, file)["payments"]
        report(has(payments, 2, 2), "and 2 of 2 work", payments)
    finally:
        following.stop()
        for program in programs[:2]:
            program.end()


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[2] == "--inside":
        main(sys.argv[1], sys.argv[3])
        finish()
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory(prefix="meshboard-names-") as own:
        lead_to(own, HOSTS)
        with open(os.path.join(own, "resolv.conf"), "w", encoding="utf-8") as settings:
            settings.write("nameserver 127.0.0.1\n")
        private = [*PRIVATE, "sh", "-c", INSIDE, "sh", own]
        if subprocess.run([*private, "true"], capture_output=True, check=False).returncode:
            print("       names: mount namespaces are not allowed here, so nothing was proven")
            sys.exit(0)
        sys.exit(subprocess.run([*private, sys.executable, os.path.abspath(__file__), sys.argv[1], "--inside", own],
                                check=False).returncode)
