"""HAProxy: what it says of its servers on a socket; the rest is read from the file.

HAProxy has no view of its rules to show. It is started on the file, which it would refuse
if a line were wrong, with a socket beside it; what `show stat` and `show servers state`
tell is taken from there, and everything else by a small reader of its words from the file
it accepted.
"""

import csv
import io
import os
import re
import shlex
import socket
import subprocess
import tempfile
import time

import gateway

TARGET = GATEWAY = "haproxy"
IN_COMMENTS = ["name"]


def sections(text):
    found, lines = {}, None
    for line in text.splitlines():
        if line.startswith(" "):
            words = shlex.split(line, comments=True)
            if words:
                lines.append(" ".join(words))
        elif line and not line.startswith("#"):
            lines = found.setdefault(line, [])
    return found


def tell(path, command):
    with socket.socket(socket.AF_UNIX) as asked:
        asked.connect(path)
        asked.sendall(command.encode() + b"\n")
        return b"".join(iter(lambda: asked.recv(65536), b"")).decode()


def read(folder):
    with open(os.path.join(folder, "haproxy", "haproxy.cfg"), encoding="utf-8") as file:
        text = file.read()
    names = sorted(set(re.findall(r"^ +server(?:-template)? \S+(?: \d+)? ([a-z0-9.-]+):", text, re.M)))
    with tempfile.TemporaryDirectory(prefix="meshboard-haproxy-") as work:
        files = {
            "hosts": "127.0.0.1 localhost\n" + "".join(f"{gateway.address(9)} {it}\n" for it in names),
            "haproxy.cfg": re.sub(r"\bbind :(\d+)", lambda it: f"bind {gateway.GATEWAY}:{it[1]}", text),
            "socket.cfg": f"global\n    stats socket {work}/socket\n",
        }
        for name, inside in files.items():
            with open(os.path.join(work, name), "w", encoding="utf-8") as file:
                file.write(inside)
        command = [os.path.join(gateway.HERE, "haproxy.sh"), f"{work}/hosts", f"{work}/haproxy.cfg", "haproxy", "-db",
                   "-f", f"{work}/socket.cfg"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   env={**os.environ, "TMPDIR": work})
        try:
            for _ in range(200):
                if os.path.exists(f"{work}/socket"):
                    break
                time.sleep(0.05)
            rows = list(csv.DictReader(io.StringIO(tell(f"{work}/socket", "show stat")[2:])))
            state = [it.split() for it in tell(f"{work}/socket", "show servers state").splitlines()[2:] if it]
        finally:
            gateway.stop(process)
    return {
        "sections": sections(text),
        "stat": {(it["pxname"], it["svname"]): it for it in rows},
        "ports": {(it[1], it[3]): it[18] for it in state},
    }


def has(head, line):
    return lambda view: line in view["sections"][head]


def server(view, column):
    return view["stat"]["orders_5019", "orders1"][column]


FRONT, BACK = "frontend gateway", "backend orders_5019"
EXPECTED = {
    "service.ports.number": (has(FRONT, "bind :8081"), True),
    "dependency.timeout_ms": (has("backend catalog", "timeout server 1499ms"), True),
    "dependency.retries.count": (has(BACK, "retries 3"), True),
    "dependency.breaker.consecutive_failures": (
        lambda view: " error-limit 7 on-error mark-down " in view["sections"][BACK][-1], True),
    # Two checks of 7300 ms are longer than 12000 ms, and one more makes sure of them.
    "dependency.breaker.open_ms": (lambda view: server(view, "check_rise"), "3"),
    "dependency.bulkhead": (
        lambda view: (server(view, "slim"), has(BACK, "http-request deny deny_status 503 if { be_conn gt 77 }")(view)),
        ("77", True)),
    "route.gateway": (lambda view: ("gateway", "FRONTEND") in view["stat"], True),
    "route.host": (has(FRONT, "acl host.odd.example.com var(txn.host) -m str -- odd.example.com"), True),
    "route.path_prefix": (has(FRONT, "acl at.orders var(txn.path) -m beg -- /odd-orders/"), True),
    "route.methods": (has(FRONT, "acl allows.orders method GET HEAD POST"), True),
    "route.service": (has(FRONT, "use_backend orders_5019 if route.orders"), True),
    "route.port": (lambda view: view["ports"]["orders_5019", "orders1"], "5019"),
    "route.strip_prefix": (
        has(FRONT, r"http-request replace-path ^(/[^/]*){1}/?(.*)$ /\2 if route.orders"), True),
    "route.timeout_ms": (
        has(BACK, "http-request set-timeout server 1237ms if { var(txn.route) -m str -- orders }"), True),
    "route.body_limit_kib": (
        has(FRONT, f"http-request deny deny_status 413 if route.orders {{ req.body_size gt {129 * 1024} }}"), True),
    # 52 requests take 2261 ms at 23 a second.
    "route.rate_limit.requests_per_second": (
        has("backend rate.orders", "stick-table type ipv6 size 100k expire 2261ms store gpc0_rate(2261ms)"), True),
    "route.rate_limit.burst": (
        has(FRONT, "http-request deny deny_status 429 if route.orders { sc_gpc0_rate(0) ge 52 }"), True),
    "route.authentication": (
        has(FRONT, "http-request deny deny_status 401 if route.orders !{ req.fhdr(Authorization) -m len gt 0 }"),
        True),
    "route.cors.origins": (
        has(FRONT, "acl origin.orders var(txn.origin) -m str -- https://odd-origin.example.com"), True),
    "route.cors.credentials": (
        has(FRONT, "http-request set-var(txn.credentials) bool(true) if route.orders"), True),
}
