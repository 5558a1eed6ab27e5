#!/usr/bin/env python3
"""Starts a service in its folder, asks it where it answers for itself, and ends it.

usage: skeleton_runs.py CODES COMMAND...

`{port}` in the command becomes a free port. After SIGTERM the program must end by itself with
one of CODES (143 stands for: by that signal), and every line it wrote must be JSON with the
names of the Elastic Common Schema.
"""

import json
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

PATIENCE_S = 30


def paths():
    """The service's own paths, as its declaration says."""
    try:
        with open("app/design.py", encoding="utf-8") as file:
            text = file.read()
        return [re.search(rf'^ *{it}="(.*)",$', text, re.M)[1] for it in ("health_path", "metrics_path")]
    except FileNotFoundError:
        with open("src/design.js", encoding="utf-8") as file:
            text = file.read()
        declared = json.loads(text.split("export const design = ", 1)[1].rstrip().rstrip(";"))
        return [declared["healthPath"], declared["metricsPath"]]


def ask(port, path):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"X-Request-ID": "asked-by-the-test"})
    with urllib.request.urlopen(request, timeout=5) as response:
        assert response.headers["X-Request-ID"] == "asked-by-the-test", path
        return response.headers["Content-Type"], response.read().decode()


def started(port, path, process):
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and process.poll() is None:
        try:
            return ask(port, path)
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise SystemExit("it never answered")


def main():
    codes, command = {int(it) for it in sys.argv[1].split(",")}, sys.argv[2:]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    health, metrics = paths()
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        process = subprocess.Popen([it.replace("{port}", str(port)) for it in command], stdout=output, stderr=output)
        try:
            assert json.loads(started(port, health, process)[1]) == {"status": "ok"}
            ready = json.loads(ask(port, "/ready")[1])
            assert ready["status"] in ("ok", "degraded"), ready
            for breaker in json.loads(ask(port, "/breakers")[1])["breakers"]:
                assert breaker["state"] == "closed", breaker
            kind, page = ask(port, metrics)
            assert kind.startswith("text/plain"), kind
            assert "# TYPE http_server_requests_total counter" in page, page
            process.terminate()
            code = process.wait(timeout=PATIENCE_S)
            code = 128 - code if code < 0 else code
        finally:
            process.kill()
            output.seek(0)
            text = output.read()
            print(text)
    assert code in codes, f"it ended with {code}"
    for line in text.splitlines():
        entry = json.loads(line)
        missing = {"@timestamp", "log.level", "message", "ecs.version", "service.name"} - set(entry)
        assert not missing, f"{missing}: {line}"


if __name__ == "__main__":
    main()
