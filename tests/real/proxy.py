"""Runs a proxy on an exported file as it is, in a world where service names exist.

Names become addresses by an /etc/hosts of the proxy's own, in a mount namespace. Every
run has loopback addresses of its own, so that runs do not meet.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import time

import gateway

SCRIPT = 'mount --bind "$1" /etc/hosts && shift && exec "$@"'


def private():
    """The start of a command that may have an /etc/hosts of its own; none where forbidden."""
    start = ["unshare", "--mount", "--propagation", "private"]
    if os.getuid() != 0:
        start[1:1] = ["--user", "--map-root-user"]
    command = [*start, "bash", "-c", SCRIPT, "_", "/dev/null", "true"]
    return start if subprocess.run(command, capture_output=True, check=False).returncode == 0 else None


def write_hosts(path, addresses):
    """`addresses` says for each name its addresses."""
    with open(path, "w", encoding="utf-8") as file:
        file.write("127.0.0.1 localhost\n")
        for name, all_of_it in addresses.items():
            file.writelines(f"{address} {name} {name}.internal\n" for address in all_of_it)


@contextlib.contextmanager
def running(command, folder, addresses, is_up):
    """Runs a command where each name leads to its addresses, until it `is_up` and is done with."""
    hosts = os.path.join(folder, "hosts")
    write_hosts(hosts, addresses)
    start = private()
    if start is None:
        sys.exit("no namespaces here: names of services would lead nowhere")
    command = [*start, "bash", "-c", SCRIPT, "_", hosts, shutil.which(command[0]) or command[0], *command[1:]]
    errors = os.path.join(folder, "error.log")
    with (open(os.path.join(folder, "access.log"), "w", encoding="utf-8") as log,
          open(errors, "w", encoding="utf-8") as error):
        process = subprocess.Popen(command, stdout=log, stderr=error)
    try:
        for _ in range(600):
            if process.poll() is not None or is_up():
                break
            time.sleep(0.05)
        else:
            process.kill()
        if process.poll() is not None:
            with open(errors, encoding="utf-8") as file:
                sys.exit(f"{command[9]} did not start:\n" + file.read())
        yield process
    finally:
        gateway.stop(process)
