"""What the proofs of sources share: one look, a watch beside, programs that are ended."""

import contextlib
import http.client
import json
import subprocess
import threading
import time
import urllib.error
import urllib.request

from common import report

import gateway


def once(meshboard, file, *options):
    """What `meshboard watch --once` says."""
    command = [meshboard, "watch", file, "--once", "--format", "json", *options]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return json.loads(ran.stdout) if ran.stdout.strip() else {"error": ran.stderr}


def until(seconds, look):
    """Waits until `look` gives something true; gives what it gave last."""
    end = time.monotonic() + seconds
    while True:
        last = None
        with contextlib.suppress(OSError, ValueError, KeyError, http.client.HTTPException, urllib.error.URLError):
            last = look()
        if last or time.monotonic() > end:
            return last
        time.sleep(0.2)


def get(url, timeout=5):
    with urllib.request.urlopen(url, timeout=timeout) as answer:
        return answer.read().decode()


class Watching:
    """`meshboard watch`, running beside: what changes, as it comes."""

    def __init__(self, meshboard, file, seconds=60, *options):
        command = [meshboard, "watch", file, "--seconds", str(seconds), "--format", "json", *options]
        self.lines = []
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        for line in self.process.stdout:
            self.lines.append(json.loads(line))

    @staticmethod
    def settle():
        """Waits for the first answers: what is first seen is no change, so no line says it."""
        time.sleep(3)

    def expects(self, what, seconds, fits):
        """Waits for a line that fits, from the first that was not waited for on."""
        found = until(seconds, lambda: next((it for it in self.lines if fits(it)), None))
        report(bool(found), what, f"not within {seconds} s: {self.lines}")
        if found:
            del self.lines[:self.lines.index(found) + 1]
        return found

    def stop(self):
        gateway.stop(self.process)
        self.thread.join(5)


def health(service, state):
    """Fits a line that says a service to be so now."""
    return lambda it: it.get("service") == service and it["to_state"] == state


def breaker(source, target, *states):
    """Fits a line that says the breaker between two services to be so now."""
    return lambda it: it.get("from") == source and it.get("to") == target and it["to_state"] in states
