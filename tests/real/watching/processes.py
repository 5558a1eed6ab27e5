"""Waiting for programs that were started here."""

import socket
import sys
import time


def await_listening(process, port, errors, seconds=30):
    """Waits until a program listens; ends everything with its own words if it does not."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    try:
        with open(errors, encoding="utf-8", errors="replace") as file:
            words = file.read()
    except OSError:
        words = ""
    sys.exit(f"{process.args[0]} did not start:\n{words}")
