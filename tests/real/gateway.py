"""A gateway to test: nginx with an exported configuration, and how to ask it.

The configuration runs as it was exported, except for the address it listens on. Every
run has loopback addresses of its own, so that runs do not meet.
"""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
# 127.64.0.0 to 127.127.255.255, by the process.
NETWORK = f"127.{64 + os.getpid() // 256 % 64}.{os.getpid() % 256}"
GATEWAY = NETWORK + ".1"
FAILED = []


def address(number):
    """A loopback address of this run's own; the gateway has none of these."""
    return f"{NETWORK}.{number + 2}"


def report(is_fine, what, detail=""):
    print(("ok     " if is_fine else "FAILED ") + what + ("" if is_fine else f": {detail}"), flush=True)
    if not is_fine:
        FAILED.append(what)


def own_port(port):
    """The port to listen on: one below 1024 may be the machine's own, or forbidden."""
    return int(port) if int(port) >= 1024 else int(f"10{port}")


@contextlib.contextmanager
def nginx(text, addresses, program="nginx"):
    """Runs nginx where each name leads to its address; gives its folder and port."""
    with tempfile.TemporaryDirectory(prefix="meshboard-nginx-") as folder:
        os.chmod(folder, 0o755)
        hosts = os.path.join(folder, "hosts")
        with open(hosts, "w", encoding="utf-8") as file:
            file.write("127.0.0.1 localhost\n")
            file.writelines(f"{address} {name} {name}.internal\n" for name, address in addresses.items())
        configuration = os.path.join(folder, "exported.conf")
        with open(configuration, "w", encoding="utf-8") as file:
            file.write(re.sub(r"\blisten (\d+)", lambda it: f"listen {GATEWAY}:{own_port(it[1])}", text))
        command = [os.path.join(HERE, "nginx.sh"), hosts, configuration, folder, program, "-g", "daemon off;"]
        with (open(os.path.join(folder, "access.log"), "w", encoding="utf-8") as log,
              open(os.path.join(folder, "error.log"), "w", encoding="utf-8") as errors):
            process = subprocess.Popen(command, stdout=log, stderr=errors)
        try:
            port = own_port(re.search(r"\blisten (\d+)", text)[1])
            await_listening(process, port, os.path.join(folder, "error.log"))
            yield folder, port
        finally:
            stop(process)


def await_listening(process, port, errors):
    for _ in range(400):
        if process.poll() is not None:
            break
        try:
            socket.create_connection((GATEWAY, port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    with open(errors, encoding="utf-8") as file:
        sys.exit("nginx did not start:\n" + file.read())


def stop(process):
    """Ends a process that was started here."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        try:
            return json.loads(self.body)
        except ValueError:
            return {}

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]


def ask(port, host, path, method="GET", headers=None, body=None, timeout=20):
    connection = http.client.HTTPConnection(GATEWAY, port, timeout=timeout)
    try:
        connection.request(method, path, body, {"Host": host, **(headers or {})})
        response = connection.getresponse()
        return Answer(response.status, response.getheaders(), response.read())
    except (http.client.HTTPException, OSError):
        return Answer(0, [], b"")
    finally:
        connection.close()


def is_error(answer, status):
    said = answer.json()
    return (answer.status == status and said.get("status") == status
            and re.fullmatch(r"[A-Za-z0-9._-]{8,128}", str(said.get("request_id"))) is not None
            and answer.all("X-Request-ID") == [said["request_id"]]
            and answer.all("X-Content-Type-Options") == ["nosniff"])


def show(answer):
    return f"{answer.status} {answer.headers} {answer.body[:200]!r}"
