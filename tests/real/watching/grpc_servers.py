#!/usr/bin/env python3
"""A real gRPC server and its health service: `grpcio` with `grpcio-health-checking`.

usage: grpc_servers.py MESHBOARD

The server tells of itself as a whole and of one service by name; another one wants to know
who asks, a third has no health service, and a fourth shows a certificate of its own making.
Prints one line per check and exits with 1 if
one failed.
"""

import concurrent.futures
import contextlib
import http.server
import os
import subprocess
import sys
import tempfile
import threading
import time

# Its own side tells of every handshake that fails.
os.environ["GRPC_VERBOSITY"] = "NONE"

import grpc  # noqa: E402
from common import finish, free_port, project, report  # noqa: E402
from following import Following, once  # noqa: E402
from grpc_health.v1 import health, health_pb2, health_pb2_grpc  # noqa: E402

SERVICE = "orders.v1.Orders"
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
TOKEN = "a token of this run"


class Locked(grpc.ServerInterceptor):
    """Answers those alone who show the token."""

    def intercept_service(self, continuation, handler_call_details):
        shown = dict(handler_call_details.invocation_metadata).get("authorization")
        if shown == f"Bearer {TOKEN}":
            return continuation(handler_call_details)
        return grpc.unary_unary_rpc_method_handler(
            lambda _, context: context.abort(grpc.StatusCode.UNAUTHENTICATED, "who are you?"))


class Server:
    def __init__(self, port, interceptors=(), has_health=True, certificate=None):
        # A port that was just left is taken again.
        self.server = grpc.server(concurrent.futures.ThreadPoolExecutor(4), interceptors=interceptors,
                                  options=[("grpc.so_reuseport", 0)])
        self.health = health.HealthServicer()
        if has_health:
            health_pb2_grpc.add_HealthServicer_to_server(self.health, self.server)
        self.health.set("", SERVING)
        self.health.set(SERVICE, SERVING)
        if certificate:
            self.server.add_secure_port(f"127.0.0.1:{port}", grpc.ssl_server_credentials([certificate]))
        else:
            self.server.add_insecure_port(f"127.0.0.1:{port}")
        self.server.start()

    def stop(self):
        self.server.stop(0).wait()


def own_certificate():
    """A key and a certificate that nobody vouches for."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, it) for it in ("key.pem", "certificate.pem")]
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "1", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                        "-keyout", paths[0], "-out", paths[1]], check=True, capture_output=True)
        found = []
        for path in paths:
            with open(path, "rb") as file:
                found.append(file.read())
        return tuple(found)


class Page(http.server.BaseHTTPRequestHandler):
    """A web server that has never heard of HTTP/2."""

    def do_GET(self):
        self.send_error(404)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def page():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()


def check_kinds(meshboard, file, environment):
    snapshot, said = once(meshboard, file, environment)
    services = snapshot.get("services", {})

    def seen(name):
        return services.get(name, {}).get("health"), services.get(name, {}).get("reach")

    report(seen("orders") == ("up", "ok"), "a service of a server is up", said)
    report(seen("whole") == ("up", "ok"), "a server as a whole is up", said)
    report(services.get("orders", {}).get("raw") == "SERVING", "its own word is shown", said)
    report(seen("nobody") == ("unknown", "not-found"), "a service that the server does not know is not found", said)
    report(seen("lacking") == ("unknown", "not-found"), "a server without a health service is not found", said)
    report(seen("locked") == ("unknown", "auth-denied"), "a server that wants to know who asks denies it", said)
    report(seen("known") == ("up", "ok"), "with the token it is up", said)
    report(seen("sealed")[1] == "tls-failed", "a certificate that nobody vouches for is refused", said)
    report(seen("page")[1] not in ("ok", None), "a web server is no gRPC server", said)


def check_course(meshboard, file, environment, port, server):
    os.environ.update(environment)
    watch = Following(meshboard, file)
    try:
        time.sleep(3)
        began = time.monotonic()
        server.health.set(SERVICE, NOT_SERVING)
        down = watch.until(10, began, service="orders", to_state="down")
        report(down is not None, "NOT_SERVING is down", watch.lines)
        report("says NOT_SERVING" in watch.causes(), "and the cause is its word", watch.causes())
        report(watch.of("whole") == [], "the server as a whole is still up", watch.of("whole"))
        server.health.set(SERVICE, SERVING)
        back = watch.until(10, down or began, service="orders", to_state="up")
        report(back is not None, "SERVING is up again", watch.lines)
        server.stop()
        gone = watch.until(15, back or began, service="whole", to_state="down")
        report(gone is not None, "a server that is gone is down", watch.lines)
        report("connection refused" in watch.causes(), "because nobody listens", watch.causes())
        server = Server(port)
        again = watch.until(20, gone or began, service="whole", to_state="up")
        report(again is not None, "and up again when it is back", watch.lines)
        server.health.enter_graceful_shutdown()
        last = watch.until(10, again or began, service="whole", to_state="down")
        report(last is not None, "a server that shuts down gracefully says so", watch.lines)
    finally:
        watch.stop()
        server.stop()


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    ports = [free_port() for _ in range(4)]
    open_port, locked_port, lacking_port, sealed_port = ports
    servers = [Server(locked_port, [Locked()]), Server(lacking_port, has_health=False),
               Server(sealed_port, certificate=own_certificate())]
    server = Server(open_port)

    def target(port, path="", **more):
        return {"instances": [f"grpc://127.0.0.1:{port}"], "health_path": path, "interval_ms": 1000, **more}

    credential = {"bearer-from-environment": "MESHBOARD_GRPC_TOKEN"}
    with page() as page_port:
        targets = {"orders": target(open_port, SERVICE), "whole": target(open_port),
                   "nobody": target(open_port, "nobody.v1.Nobody"), "locked": target(locked_port),
                   "known": target(locked_port, credential=credential), "lacking": target(lacking_port),
                   "page": target(page_port), "sealed": target(sealed_port)}
        targets["sealed"]["instances"] = [f"grpcs://localhost:{sealed_port}"]
        services = {name: {"kind": "service"} for name in targets}
        file = project(services, {}, {"targets": targets})
        environment = {"MESHBOARD_GRPC_TOKEN": TOKEN}
        meshboard = os.path.abspath(sys.argv[1])
        check_kinds(meshboard, file, environment)
        check_course(meshboard, file, environment, open_port, server)
    for it in servers:
        it.stop()
    finish()


if __name__ == "__main__":
    main()
