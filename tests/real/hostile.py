#!/usr/bin/env python3
"""Gives the program files and answers that are meant to break it.

usage: hostile.py MESHBOARD SHOP.meshboard.json

Nothing may crash, take long or fill the memory, and what is said must name the reason.
Prints one line per check and exits with 1 if one failed.
"""

import contextlib
import copy
import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import zlib

from gateway import FAILED, report

MEBIBYTE = 1024 * 1024
MOST_MEMORY = 200 * MEBIBYTE
HUGE = 200 * MEBIBYTE


class Outcome:
    """How a run ended, what it said, the most memory it had, and its time."""

    def __init__(self, *command):
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
            start = time.monotonic()
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=errors)
            timer = threading.Timer(60, process.kill)
            timer.start()
            # The memory of this process alone, so it is waited for by hand.
            _, status, usage = os.wait4(process.pid, 0)
            timer.cancel()
            process.returncode = self.code = os.waitstatus_to_exitcode(status)
            self.seconds = time.monotonic() - start
            self.memory = usage.ru_maxrss * 1024
            out.seek(0)
            errors.seek(0)
            self.out = out.read().decode("utf-8", "replace")
            self.errors = errors.read().decode("utf-8", "replace")

    def is_bounded(self, seconds):
        return self.memory < MOST_MEMORY and self.seconds < seconds and "panicked" not in self.errors

    def size(self):
        return f"{self.memory // MEBIBYTE} MiB, {self.seconds:.1f} s"

    def __str__(self):
        return f"exit {self.code}, {self.size()}: {self.out[:300]} {self.errors[:600]}"


def check_file(meshboard, what, path, reason, seconds=20):
    """A file that is no project: said so in every command that reads one."""
    for arguments in (["check", path], ["layout", path], ["export", path, "--to", path + ".out"],
                      ["watch", path, "--once"]):
        ran = Outcome(meshboard, *arguments)
        fine = (ran.code == 2 and ran.is_bounded(seconds) and reason in ran.errors and path in ran.errors
                and len(ran.errors) < 1500)
        report(fine, f"{what}: {arguments[0]} says {reason!r}" + (f" ({ran.size()})" if fine else ""), ran)


def write_repeated(path, start, piece, end, mebibytes=HUGE // MEBIBYTE):
    """In pieces: what this process holds counts for the processes it starts."""
    with open(path, "wb") as file:
        file.write(start)
        for _ in range(mebibytes):
            file.write(piece * MEBIBYTE)
        file.write(end)


def check_files(meshboard, design, folder):
    with open(design, "rb") as file:
        whole = file.read()
    path = os.path.join(folder, "hostile.meshboard.json")

    with open(path, "wb") as file:
        file.write(whole[:len(whole) // 2])
    check_file(meshboard, "a file cut in half", path, "line ")
    write_repeated(path, b"", b"[", b"")
    check_file(meshboard, "200 MiB of [", path, "the file has 200 MiB")
    write_repeated(path, b'{"meshboard":1,"name":"', b"x", b'"}')
    check_file(meshboard, "a name of 200 MiB", path, "the file has 200 MiB")
    write_repeated(path, b'{"meshboard":1,"x":', b"[", b"", 60)
    check_file(meshboard, "60 MiB of [ in a project", path, "nested deeper than 127 levels")
    write_repeated(path, b'{"meshboard":1,"name":"', b"x", b'"', 60)
    check_file(meshboard, "60 MiB of text and no end", path, "line 1, column ")
    with open(path, "wb") as file:
        file.write(bytes(range(256)) * 40)
    check_file(meshboard, "bytes that are no text", path, "UTF-8")


def check_compose(meshboard, folder):
    path = os.path.join(folder, "compose.yaml")
    project = os.path.join(folder, "imported.meshboard.json")
    bombs = {
        "200 MiB of [": None,
        "aliases of aliases": "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
            f"{it}: &{it} [{','.join(['*' + chr(ord(it) - 1)] * 9)}]\n" for it in "bcdefghijkl") + "services: {}\n",
        "a file cut in half": "services:\n  a:\n    image: \"x",
    }
    for what, text in bombs.items():
        if text is None:
            write_repeated(path, b"", b"[", b"")
        else:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        ran = Outcome(meshboard, "import", "compose", path, "-o", project)
        fine = ran.code == 2 and ran.is_bounded(20) and "compose.yaml" in ran.errors and not os.path.exists(project)
        report(fine, f"{what} as a Compose file: import refuses" + (f" ({ran.size()})" if fine else ""), ran)


def check_long_names(meshboard, project, folder):
    long = copy.deepcopy(project)
    long["name"] = "p" * 10_000
    long["services"]["payments"]["name"] = "n" * 10_000
    path = os.path.join(folder, "long.meshboard.json")
    out = os.path.join(folder, "long")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(long, file)
    for arguments in (["check", path], ["layout", path], ["export", path, "--to", out]):
        ran = Outcome(meshboard, *arguments)
        report(ran.code in {0, 1} and ran.is_bounded(20),
               f"names of 10,000 characters: {arguments[0]} does its work", ran)
    with open(path, "w", encoding="utf-8") as file:
        file.write(json.dumps(project).replace('"payments"', json.dumps("p" * 10_000)))
    check_file(meshboard, "an id of 10,000 characters", path, "line 1, column ")


def gzip_of_a_gigabyte():
    packer = zlib.compressobj(wbits=31)
    return b"".join([packer.compress(bytes(MEBIBYTE)) for _ in range(1024)]) + packer.flush()


class Trap(http.server.BaseHTTPRequestHandler):
    """Answers as no service should; the path says how."""

    protocol_version = "HTTP/1.1"
    bomb = gzip_of_a_gigabyte()

    def start(self, *headers):
        self.send_response(200)
        for name, value in [("Content-Type", "application/json"), ("Connection", "close"), *headers]:
            self.send_header(name, value)
        self.end_headers()

    def do_GET(self):
        with contextlib.suppress(OSError):
            getattr(self, "answer_" + self.path.strip("/").split("/")[0])()
        self.close_connection = True

    def answer_gigabyte(self):
        self.start(("Content-Length", str(1024 * MEBIBYTE)))
        for _ in range(1024):
            self.wfile.write(b"[" * MEBIBYTE)

    def answer_endless(self):
        self.start()
        for _ in range(300):
            self.wfile.write(b" ")
            time.sleep(0.1)

    def answer_silent(self):
        time.sleep(30)

    def answer_loop(self):
        self.send_response(302)
        self.send_header("Location", self.path)
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()

    def answer_bomb(self):
        self.start(("Content-Encoding", "gzip"), ("Content-Length", str(len(self.bomb))))
        self.wfile.write(self.bomb)

    def answer_nested(self):
        body = b'{"status":' + b"[" * 100_000
        self.start(("Content-Length", str(len(body))))
        self.wfile.write(body)

    def answer_headers(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(2_000_000):
            self.wfile.write(b"X-%d: %s\r\n" % (number, b"x" * 500))

    def answer_garbage(self):
        self.wfile.write(os.urandom(4096))

    def log_message(self, *_):
        pass


# Which reach and which words tell the reason.
REASONS = {
    "gigabyte": ("too-large", "256 KiB"),
    "endless": ("timed-out", "500 ms"),
    "silent": ("timed-out", "500 ms"),
    "loop": ("blocked", "redirects to itself"),
    "bomb": ("too-large", "256 KiB"),
    # No format is seen in it, which leaves the status.
    "nested": ("ok", "HTTP 200"),
    "headers": ("too-large", ""),
    "garbage": ("unparseable", ""),
}


def check_answers(meshboard, folder):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Trap)
    server.daemon_threads = True
    server.handle_error = lambda *_: None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    project = {
        "meshboard": 1,
        "name": "traps",
        "services": {name: {"kind": "service", "technology": "go"} for name in REASONS},
        "environments": {"traps": {"name": "Traps", "interval_ms": 1000, "targets": {
            name: {"instances": [address], "health_path": f"/{name}", "timeout_ms": 500} for name in REASONS}}},
    }
    path = os.path.join(folder, "traps.meshboard.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(project, file)
    ran = Outcome(meshboard, "watch", path, "--once", "--format", "json")
    report(ran.code == 1 and ran.is_bounded(11), f"watch ends among hostile answers ({ran.size()})", ran)
    shown = json.loads(ran.out or "{}").get("services", {})
    for name, (reach, words) in REASONS.items():
        seen = shown.get(name, {})
        report(seen.get("reach") == reach and words in json.dumps(seen),
               f"watch, {name}: {reach}" + (f", says {words!r}" if words else ""), seen)


def main():
    meshboard, design = sys.argv[1:3]
    with open(design, encoding="utf-8") as file:
        project = json.load(file)
    with tempfile.TemporaryDirectory(prefix="meshboard-hostile-") as folder:
        check_files(meshboard, design, folder)
        check_compose(meshboard, folder)
        check_long_names(meshboard, project, folder)
        check_answers(meshboard, folder)
    sys.exit(1 if FAILED else 0)


if __name__ == "__main__":
    main()
