"""A running `meshboard watch` whose lines can be waited for, and one that asks once."""

import json
import os
import subprocess
import threading
import time


def once(meshboard, file, environment=None):
    """The snapshot of `watch --once`, and everything it wrote."""
    ran = subprocess.run([meshboard, "watch", file, "--once", "--format", "json"], capture_output=True, text=True,
                         timeout=60, env={**os.environ, **(environment or {})}, check=False)
    return json.loads(ran.stdout or "{}"), ran.stdout + ran.stderr


class Following:
    """`meshboard watch`, and when each of its lines came."""

    def __init__(self, meshboard, file, *options):
        command = [meshboard, "watch", file, "--format", "json", *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.lines = []
        self.news = threading.Condition()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            with self.news:
                self.lines.append((time.monotonic(), json.loads(line)))
                self.news.notify_all()

    def until(self, seconds, since=0.0, **wanted):
        """When, after `since`, a line came that has all of this; None if none did in time."""
        end = time.monotonic() + seconds
        with self.news:
            while True:
                for at, line in self.lines:
                    if at >= since and all(line.get(key) == value for key, value in wanted.items()):
                        return at
                left = end - time.monotonic()
                if left <= 0:
                    return None
                self.news.wait(left)

    def of(self, service):
        """Every state that a service went through."""
        with self.news:
            return [line["to_state"] for _, line in self.lines if line.get("service") == service]

    def causes(self):
        with self.news:
            return [line["cause"] for _, line in self.lines if "cause" in line]

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
