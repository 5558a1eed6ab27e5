#!/usr/bin/env python3
"""Kills the recorder, fills its disk, locks its folder, and starts two of them.

usage: history.py MESHBOARD

The disk is a small one in memory, in a mount namespace of its own. Prints one line per
check and exits with 1 if one failed.
"""

import contextlib
import hashlib
import http.server
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

import common
from common import report

PATIENCE = 20


def enter_world():
    """Starts this program again where a disk can be mounted that nobody else sees."""
    os.environ["MESHBOARD_WORLD"] = "1"
    private = ["unshare", "--mount", "--propagation", "private"]
    if os.geteuid() != 0:
        private[1:1] = ["--user", "--map-root-user"]
    os.execvp(private[0], [*private, sys.executable, os.path.abspath(__file__), *sys.argv[1:]])


class Service(http.server.ThreadingHTTPServer):
    """Says that it is well, and counts how often."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.answers = 0
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Answer(http.server.BaseHTTPRequestHandler):
    """One answer."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.answers += 1
        body = b'{"status":"UP"}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


class Recorder:
    """`meshboard watch --record`, and what it says."""

    def __init__(self, meshboard, project, seconds=60):
        self.said = []
        command = [meshboard, "watch", project, "--record", "--seconds", str(seconds)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.process.stderr:
            self.said.append(line)

    def has_said(self, words):
        return any(words in line for line in self.said)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait()


def until(look, seconds=PATIENCE):
    """Waits until something is so; whether it ever was."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if look():
            return True
        time.sleep(0.1)
    return False


def samples(meshboard, project):
    """How many polls the table has; 0 if there is none yet."""
    ran = subprocess.run([meshboard, "history", project, "--format", "json"],
                         capture_output=True, check=False, text=True)
    return len(json.loads(ran.stdout)["rows"]) if ran.returncode == 0 else 0


def history_of(project):
    return project.replace(".meshboard.json", ".history.sqlite")


def is_intact(project):
    with contextlib.closing(sqlite3.connect(history_of(project))) as file:
        return file.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def fingerprint(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def project_in(folder, service):
    address = f"http://127.0.0.1:{service.server_port}"
    environment = {"targets": {"web": {"instances": [address], "health_path": "/health", "interval_ms": 1000}}}
    return common.project({"web": {}}, {}, environment, folder)


def check_kill(meshboard, folder):
    service = Service()
    project = project_in(folder, service)
    before = fingerprint(project)
    recorder = Recorder(meshboard, project)
    until(lambda: service.answers >= 5)
    recorder.kill()
    kept, answers = samples(meshboard, project), service.answers
    # One of the last second, and one that was under way.
    report(answers - 2 <= kept <= answers, "a kill loses the last second at most", f"{kept} of {answers} kept")
    report(is_intact(project), "the file is whole after a kill", "integrity_check")
    report(fingerprint(project) == before, "the project is untouched by a kill", project)
    recorder = Recorder(meshboard, project)
    # It waits some seconds for the one that was killed.
    until(lambda: samples(meshboard, project) > kept)
    recorder.stop()
    kept, answers = samples(meshboard, project), service.answers
    report(answers - 3 <= kept <= answers, "the next run goes on, and loses nothing when it is stopped",
           f"{kept} of {answers} kept")


def fill(path):
    """Writes until nothing more fits."""
    with open(path, "ab", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)
    # What is left is less than a page.


def check_full_disk(meshboard, folder):
    service = Service()
    project = project_in(folder, service)
    before = fingerprint(project)
    recorder = Recorder(meshboard, project)
    until(lambda: samples(meshboard, project) >= 2)
    filler = os.path.join(folder, "filler")

    def is_full():
        fill(filler)
        return recorder.has_said("the disk is full")

    report(until(is_full), "a full disk is told", "".join(recorder.said))
    answers = service.answers
    until(lambda: fill(filler) or service.answers >= answers + 7)
    report(service.answers >= answers + 7, "polling goes on while the disk is full", f"{service.answers - answers}")
    told = sum("the disk is full" in line for line in recorder.said)
    report(told == 1, "a full disk is told once", f"{told} times: {recorder.said}")
    report(recorder.process.poll() is None, "the program goes on while the disk is full", f"{recorder.said}")
    report(fingerprint(project) == before, "the project is untouched by a full disk", project)
    os.remove(filler)
    report(until(lambda: recorder.has_said("recording goes on")), "recording goes on when there is room",
           "".join(recorder.said))
    recorder.stop()
    kept, answers = samples(meshboard, project), service.answers
    report(answers - 1 <= kept <= answers, "what came while the disk was full was kept", f"{kept} of {answers}")
    report(is_intact(project), "the file is whole after a full disk", "integrity_check")
    return project, kept


def check_locked_folder(meshboard, folder, project, kept):
    subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
    found = samples(meshboard, project)
    report(found == kept, "a history in a folder that cannot be written to is read", f"{found} of {kept}")
    recorder = Recorder(meshboard, project, seconds=4)
    recorder.process.wait()
    report(recorder.has_said("cannot be written to"), "a folder that cannot be written to is told", f"{recorder.said}")
    report(recorder.process.returncode == 0, "watching goes on without a history", f"{recorder.process.returncode}")


def check_two(meshboard, folder):
    service = Service()
    project = project_in(folder, service)
    first = Recorder(meshboard, project)
    until(lambda: samples(meshboard, project) >= 1)
    second = Recorder(meshboard, project)
    told = until(lambda: second.has_said("another Meshboard records local"))
    report(told, "the second that records the same says that it waits", f"{second.said}")
    first.stop()
    report(until(lambda: second.has_said("recording goes on")), "it goes on when the first stops", f"{second.said}")
    before = samples(meshboard, project)
    report(until(lambda: samples(meshboard, project) > before), "and then records", f"{before}")
    second.stop()
    report(is_intact(project), "the file is whole after two have used it", "integrity_check")


def main():
    if "MESHBOARD_WORLD" not in os.environ:
        enter_world()
    meshboard = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="meshboard-history-") as folder:
        for part in ["kill", "two", "disk"]:
            os.mkdir(os.path.join(folder, part))
        disk = os.path.join(folder, "disk")
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "none", disk], check=True)
        try:
            check_kill(meshboard, os.path.join(folder, "kill"))
            project, kept = check_full_disk(meshboard, disk)
            check_locked_folder(meshboard, disk, project, kept)
            check_two(meshboard, os.path.join(folder, "two"))
        finally:
            subprocess.run(["umount", disk], check=False)
    common.finish()


if __name__ == "__main__":
    main()
