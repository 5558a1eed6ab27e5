"""What the proofs of watching share: ports, projects, running `meshboard watch`, checks."""

import json
import os
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from gateway import FAILED, report  # noqa: E402, F401


def free_port(host="127.0.0.1"):
    with socket.socket() as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]


def project(services, dependencies, environment, folder=None):
    """Writes a project with one environment; gives its path."""
    folder = folder or tempfile.mkdtemp(prefix="meshboard-watching-")
    path = os.path.join(folder, "design.meshboard.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"meshboard": 1, "name": "watched", "services": services, "dependencies": dependencies,
                   "environments": {"local": environment}}, file)
    return path


def watch(meshboard, file, seconds, *options):
    """The lines that `meshboard watch` writes as they come, parsed."""
    command = [meshboard, "watch", file, "--seconds", str(seconds), "--format", "json", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            yield json.loads(line)


def finish():
    sys.exit(1 if FAILED else 0)
