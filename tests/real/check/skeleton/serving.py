"""Starts a built skeleton, asks it everything, and asks it to stop.

usage: serving.py SOURCE HEALTH METRICS COMMAND...

SOURCE is the file of the skeleton that lists its dependencies and SOURCE's folder is
searched for its operations. Every dependency gets an address at which nobody listens and
a breaker that opens at once, so that one request opens them all.
"""

import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

FAILURES = []


def expect(what, is_so):
    if not is_so:
        FAILURES.append(what)


def free_port():
    with socket.socket() as it:
        it.bind(("127.0.0.1", 0))
        return it.getsockname()[1]


def get(port, path, headers=None):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def states(text):
    """The breakers by name, of our own shape and of Resilience4j's."""
    page = json.loads(text)
    if "circuitBreakers" in page:
        return {name: it["state"].lower() for name, it in page["circuitBreakers"].items()}
    return {it["name"]: it["state"] for it in page["breakers"]}


def main():
    source, health, metrics, *command = sys.argv[1:]
    text = pathlib.Path(source).read_text(encoding="utf-8")
    addresses = sorted(set(re.findall(r'"([A-Z0-9_]+_URL)"', text)))
    prefixes = set(re.findall(r'"([A-Z0-9_]+)",? (?:address: )?\n? *(?:address: )?"[A-Z0-9_]+_URL"', text))
    port = free_port()
    environment = dict(os.environ, HOST="127.0.0.1", PORT=str(port))
    environment |= {"SERVER_PORT": str(port), "SERVER_ADDRESS": "127.0.0.1"}
    environment |= {it: "http://127.0.0.1:1" for it in addresses}
    for prefix in prefixes or [it.removesuffix("_URL") for it in addresses]:
        environment |= {f"{prefix}_BREAKER_CONSECUTIVE_FAILURES": "1", f"{prefix}_BREAKER_OPEN_MS": "60000"}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    lines = []
    reader = threading.Thread(target=lambda: lines.extend(process.stdout), daemon=True)
    reader.start()
    try:
        deadline = time.monotonic() + 120
        while True:
            try:
                get(port, health)
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"it does not answer: {''.join(lines)}")
                time.sleep(0.05)
        ask(port, health, metrics, source, addresses)
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=20)
        # A JVM that was asked to stop always says so.
        expect(f"it ended with {code}", code == 0 or command[0] == "java" and code == 143)
    finally:
        process.kill()
        process.wait()
    reader.join(timeout=5)
    for line in lines:
        entry = json.loads(line)
        missing = {"@timestamp", "log.level", "message", "ecs.version", "service.name"} - set(entry)
        expect(f"{line} lacks {missing}", not missing)
    requests = [json.loads(it) for it in lines if '"http.request.id":"order-4711"' in it]
    for name in ("trace.id", "http.request.method", "url.path", "http.response.status_code", "event.duration"):
        expect(f"{name} is in no line of the log", any(name in it for it in requests))
    print("\n".join(FAILURES))
    sys.exit(bool(FAILURES))


def ask(port, health, metrics, source, addresses):
    status, headers, body = get(port, health, {"X-Request-ID": "order-4711"})
    expect(f"{health}: {status} {body}", status == 200 and json.loads(body)["status"] in ("ok", "UP"))
    expect("the request id is another one", headers["X-Request-ID"] == "order-4711")
    odd = get(port, health, {"X-Request-ID": "<b>"})[1]["X-Request-ID"] or ""
    expect(f"the odd request id became {odd!r}", re.fullmatch("[A-Za-z0-9._-]{8,128}", odd))
    status, _, body = get(port, "/ready")
    expect(f"/ready: {status} {body}", status == 200)
    code = "\n".join(it.read_text(encoding="utf-8") for it in pathlib.Path(source).parent.iterdir() if it.stem.lower() == "operations")
    patterns = [r'"GET "\+exactly\("([^"]+)"', r'route\("([^"]+)", routing::get', r'RequestMethod\.GET, path = "([^"]+)"']
    paths = [path for it in patterns for path in re.findall(it, code) if path != health]
    if paths:
        path = re.sub(r"\{\w+\}", "1", paths[0])
        for _ in range(2):
            status, _, body = get(port, path)
            expect(f"{path}: {status} {body}", status in (200, 502) and "dependencies" in json.loads(body))
    status, _, body = get(port, "/breakers")
    found = states(body)
    expect(f"/breakers: {status} {body}", status == 200)
    if paths and addresses:
        expect(f"breakers: {found}", found and set(found.values()) == {"open"})
    status, headers, body = get(port, metrics)
    expect(f"{metrics}: {status}", status == 200 and headers["Content-Type"].startswith("text/plain"))
    for name in found:
        line = re.escape(f'name="{name}",state="open"') + r"\} 1(\.0)?$"
        expect(f"{name} is in no metric", not addresses or re.search(line, body, re.M) or '"group"' in body or 'group="' in body)
    expect("requests are in no metric", "http_server_requests" in body)
    if metrics_page := pathlib.Path(os.environ.get("METRICS_PAGE", "/dev/null")):
        metrics_page.write_text(body, encoding="utf-8")


main()
