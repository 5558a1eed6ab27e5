#!/usr/bin/env python3
"""Watches services that demand a secret and send it back in every way they can.

usage: secrets.py MESHBOARD

Nothing that is shown or written may hold it: text and JSON, once and for a while, and
standard error. Prints one line per check and exits with 1 if one failed.
"""

import base64
import http.server
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import urllib.parse

from common import finish, project, report

TOKEN = 'tok/en "e"-5f0c9a'
PASSWORD = "pass/wörd%5f0c9b"
LOGIN = f"monitor:{PASSWORD}"
# What of them would give them away, in any usual shape.
TELLING = ["5f0c9a", "5f0c9b", base64.b64encode(TOKEN.encode()).decode().rstrip("="),
           base64.b64encode(LOGIN.encode()).decode().rstrip("="), base64.b64encode(PASSWORD.encode()).decode().rstrip("=")]
WAYS = ["status", "error", "check", "breaker", "metrics", "header", "redirect", "denied", "broken", "half", "zero-width",
        "percent", "base64", "escaped", "page", "upper"]


class Echo(http.server.BaseHTTPRequestHandler):
    """Sends what it was sent; the path says how."""

    asked = []

    def do_GET(self):
        sent = self.headers.get("Authorization", "")
        kind, _, value = sent.partition(" ")
        if kind == "Basic":
            value = base64.b64decode(value).decode()
        elif not value.isascii():
            value = value.encode("latin-1").decode()
        type(self).asked.append((self.path, value))
        if value not in (TOKEN, LOGIN):
            self.send(401, {"status": "DOWN"})
            return
        getattr(self, "echo_" + self.path.partition("?")[0].strip("/").replace("-", "_"))(value)

    def send(self, code, body, kind="application/json", **headers):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(code, headers.pop("reason", None))
        for name, header in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), header)
        self.end_headers()
        self.wfile.write(body)

    def echo_status(self, value):
        self.send(200, {"status": f"hello {value}"})

    def echo_error(self, value):
        self.send(500, f"no such user: {self.headers['Authorization']} {value}".encode(), "text/plain")

    def echo_check(self, value):
        self.send(503, {"status": "DOWN", "components": {value: {"status": value}}})

    def echo_breaker(self, value):
        state = {"state": "OPEN", "failureRate": "50.0%", value: value}
        self.send(200, {"circuitBreakers": {value: state, f"a {value} b": state}})

    def echo_metrics(self, value):
        quoted = value.replace("\\", "\\\\").replace('"', '\\"')
        self.send(200, f'resilience4j_circuitbreaker_state{{name="{quoted}",state="open"}} 1\n'.encode(), "text/plain")

    def echo_header(self, value):
        plain = urllib.parse.quote(value, safe="")
        self.send(200, {"status": "UP"}, X_Seen=plain, WWW_Authenticate=plain, Retry_After=plain, Server=plain)

    def echo_redirect(self, value):
        self.send(302, b"", Location="/login?who=" + urllib.parse.quote(value, safe=""))

    def echo_denied(self, value):
        self.send(403, {"status": f"not {value}", "error": value}, WWW_Authenticate=f'Basic realm="{value[:3]}"')

    def echo_broken(self, value):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + value.encode() + b"\r\n")
        self.close_connection = True

    def echo_half(self, value):
        self.wfile.write(b"HTTP/1.1 200 OK\r\n" + value.encode() + b"\r\n\r\n")
        self.close_connection = True

    def echo_zero_width(self, value):
        self.send(200, {"status": "\u200b".join(value)})

    def echo_percent(self, value):
        self.send(200, {"status": urllib.parse.quote(value, safe="") + " " + urllib.parse.quote_plus(value)})

    def echo_base64(self, value):
        self.send(200, {"status": base64.b64encode(value.encode()).decode()})

    def echo_escaped(self, value):
        escaped = "".join(f"\\u{ord(it):04x}" for it in value)
        self.send(200, f'{{"status":"{escaped}"}}'.encode())

    def echo_page(self, value):
        self.send(200, f"<html>{value}</html>".encode(), value.encode("ascii", "replace").decode())

    def echo_upper(self, value):
        self.send(200, {"status": f"Authorization: {self.headers['Authorization']}"})

    def log_message(self, *_):
        pass


def targets(port):
    address = f"http://127.0.0.1:{port}"
    found = {}
    for way in WAYS:
        for kind, credential in (("bearer", {"bearer-from-environment": "SHOP_TOKEN"}),
                                 ("basic", {"basic-from-environment": "SHOP_LOGIN"})):
            found[f"{way}-{kind}"] = {"instances": [address], "health_path": f"/{way}", "credential": credential,
                                      "more_paths": [f"/{way}?more"] if way == "breaker" else [], "timeout_ms": 700}
    return found


def given_away(text):
    """What of a text gives a secret away."""
    return [it for it in TELLING if it in text or it in re.sub("[\u200b-\u200f]", "", text)]


def main():
    meshboard = os.path.abspath(sys.argv[1])
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory(prefix="meshboard-secrets-") as folder:
        known = targets(server.server_port)
        source = {"kind": "page", "address": f"http://127.0.0.1:{server.server_port}/status",
                  "credential": {"bearer-from-environment": "SHOP_TOKEN"}}
        path = project({name: {"kind": "service"} for name in known}, {},
                       {"name": "Local", "interval_ms": 1000, "targets": known, "sources": {"page": source}}, folder)
        environment = {**os.environ, "SHOP_TOKEN": TOKEN, "SHOP_LOGIN": LOGIN}
        said = {}
        for what, options in {"once, as text": ["--once"], "once, as JSON": ["--once", "--format", "json"],
                              "for a while, as text": ["--seconds", "6"],
                              "for a while, as JSON": ["--seconds", "6", "--format", "json"]}.items():
            ran = subprocess.run([meshboard, "watch", path, *options], env=environment, capture_output=True, text=True,
                                 timeout=60)
            said[what] = ran.stdout
            report(ran.returncode in (0, 1) and not given_away(ran.stdout) and not given_away(ran.stderr),
                   f"watch {what}: no secret is shown", (ran.returncode, [re.findall(f".*{re.escape(it)}.*", ran.stdout + ran.stderr)[:3]
                                     for it in TELLING], ran.stderr[:300]))
        asked = {path.split("?")[0].strip("/") for path, value in Echo.asked if value in (TOKEN, LOGIN)}
        report(asked >= set(WAYS), "every service was sent its secret", sorted(set(WAYS) - asked))
        shown = json.loads(said["once, as JSON"])
        raw = shown["services"]["status-bearer"]["raw"]
        report(raw == "hello ***", "what stood around it is shown", raw)
        names = [it["name"] for it in shown["breakers"]]
        report("a *** b" in names, "a breaker's name too", names)
        with open(path, encoding="utf-8") as file:
            report(not given_away(file.read()), "nor does the project hold it")
        ran = subprocess.run([meshboard, "watch", path, "--once", "--format", "json"], capture_output=True, text=True,
                             timeout=60, env={it: environment[it] for it in environment if not it.startswith("SHOP_")})
        seen = json.loads(ran.stdout)["services"]["status-bearer"]
        report("SHOP_TOKEN is not set, asked without it" in json.dumps(seen), "a variable that is not set is named", seen)
    finish()


if __name__ == "__main__":
    main()
