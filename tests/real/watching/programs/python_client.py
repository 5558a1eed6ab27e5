#!/usr/bin/env python3
"""A service that tells of its breakers with Python's own Prometheus client.

usage: python_client.py HOST PORT

One breaker is an Enum, which is a series for each state; the other is a number in the
order of gobreaker. GET /to/open and such change both; GET /metrics answers in the text
format, or in OpenMetrics if asked so.
"""

import http.server
import sys

from prometheus_client import CollectorRegistry, Counter, Enum, Gauge
from prometheus_client.exposition import choose_encoder

NUMBERS = {"closed": 0, "half-open": 1, "open": 2}

registry = CollectorRegistry()
state = Enum("bank_breaker", "Breaker", ["name"], states=list(NUMBERS), registry=registry)
number = Gauge("gobreaker_state", "Breaker", ["name"], registry=registry)
asked = Counter("asked", "Answers", registry=registry)


def change(word):
    state.labels("enum").state(word)
    number.labels("tax").set(NUMBERS[word])


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        asked.inc()
        if self.path.startswith("/to/"):
            change(self.path.removeprefix("/to/"))
        if self.path.startswith("/metrics"):
            accept = "application/openmetrics-text" if self.path == "/metrics/open" else self.headers.get("Accept")
            encode, kind = choose_encoder(accept)
            body = encode(registry)
        else:
            kind, body = "application/json", b'{"status":"UP"}'
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


change("closed")
http.server.ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])), Handler).serve_forever()
