#!/usr/bin/env python3
"""Real log lines of an exported bundle, as `SERVICE<tab>LINE`, one a line.

usage: log_lines.py BUNDLE_FOLDER >LINES

The lines are nginx's own, run with the exported configuration and asked in ways that
make odd lines: no backend, an unknown route, a trace, a request id that is none, a name
of a browser with quotes and control characters.
"""

import os
import re
import sys

import gateway

ASKED = [
    ("/", "GET", {}),
    ("/orders?card=1", "GET", {"X-Request-ID": "trace-12345678"}),
    ("/orders", "POST", {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}),
    ("/no/such/route", "GET", {"X-Request-ID": 'x" } evil'}),
    ("/a%22b%0a", "GET", {"User-Agent": 'Mozilla "5.0" \\ \x0b{}'}),
    ("/orders", "DELETE", {"User-Agent": ""}),
]


def main():
    with open(os.path.join(sys.argv[1], "gateway", "nginx.conf"), encoding="utf-8") as file:
        text = file.read()
    service = re.search(r'"service.name":"([a-z0-9-]+)"', text.replace("\\", ""))[1]
    hosts = [it for it in re.findall(r"server_name (\S+);", text) if it != "_"] or ["any.example.test"]
    names = sorted(set(re.findall(r"^\s+server ([a-z0-9.-]+):\d+", text, re.M)))
    addresses = {name.removesuffix(".internal"): gateway.address(number) for number, name in enumerate(names)}
    with gateway.nginx(text, addresses) as (folder, port):
        for host in hosts[:3]:
            for path, method, headers in ASKED:
                gateway.ask(port, host.replace("*.", "one."), path, method, headers)
        lines = []
        for name in ("access.log", "error.log"):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                lines += file.read().splitlines()
    for line in lines:
        print(f"{service}\t{line}")


if __name__ == "__main__":
    main()
