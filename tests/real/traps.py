#!/usr/bin/env python3
"""Services that mean harm or are broken, each on a port of its own, and good ones beside.

As a program it serves until its standard input ends:
  traps.py bad FOLDER        writes {"name": port} of every trap; FOLDER is for certificates
  traps.py good COUNT        writes the ports of good services, and when the input ends the
                             times in seconds at which each was asked, and how late a timer
                             of this program was at worst: what the machine itself was late
As a module it says what must be said of each trap.
"""

import asyncio
import contextlib
import json
import os
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
MEBIBYTE = 1024 * 1024
# Somebody who never ends is given up by this: the client must be gone long before.
LONGEST = 60
TIMED_OUT = "no complete answer within 500 ms"
SOME_METRICS = 100_000
# So many more addresses never answer, at the port of `never`.
SILENT = 40

# Of each trap: the reach and the words that tell its reason.
REASONS = {
    "never": ("timed-out", TIMED_OUT),
    "drip": ("timed-out", TIMED_OUT),
    "drip-head": ("timed-out", TIMED_OUT),
    "half-sent": ("timed-out", TIMED_OUT),
    "full-queue": ("timed-out", TIMED_OUT),
    "gigabyte": ("too-large", "the answer is longer than 256 KiB"),
    "gigabyte-unannounced": ("too-large", "the answer is longer than 256 KiB"),
    "gzip-bomb": ("too-large", "the answer is longer than 256 KiB"),
    "endless-metrics": ("too-large", "the answer is longer than 16 MiB"),
    "endless-headers": ("too-large", "message head is too large"),
    "invalid-chunks": ("unparseable", "Invalid chunk size line"),
    "chunk-without-end": ("timed-out", TIMED_OUT),
    "garbage": ("unparseable", "answer makes no sense"),
    "two-lengths": ("unparseable", "content-length"),
    "redirect-loop": ("blocked", "redirects to itself"),
    "redirect-to-metadata": ("blocked", "redirects to http://169.254.169.254/latest/meta-data/; redirects are not"),
    "metadata": ("blocked", "169.254.169.254 is a link-local or metadata address, which is never asked"),
    "metadata-name": ("blocked", "metadata.google.internal is a link-local or metadata address"),
    "reset-at-accept": ("reset", "connection broke off"),
    "reset-after-request": ("reset", "connection broke off"),
    "reset-in-head": ("reset", "connection broke off"),
    "reset-in-body": ("reset", "connection broke off"),
    "closed-at-accept": ("reset", "connection"),
    "closed-in-head": ("reset", "connection"),
    "closed-in-body": ("reset", "connection"),
    "refused": ("refused", "connection refused"),
    # Nothing is wrong with these but what they say.
    "metrics": ("ok", "HTTP 200"),
    "vanishes": ("ok", "UP"),
    "deep-json": ("unparseable", "nested too deep"),
    "tricks": ("ok", "DOWN gpj.exe"),
    "tls-other-name": ("tls-failed", "its certificate is not for 127.0.0.1, it is only valid for DnsName"),
    "tls-expired": ("tls-failed", "its certificate has expired"),
    "tls-self-signed": ("tls-failed", "its certificate is signed by nobody who is trusted"),
    "tls-client": ("tls-failed", "it wants a certificate from who asks"),
    "tls-plain": ("tls-failed", "it does not speak TLS; is http:// meant?"),
    "tls-silent": ("timed-out", TIMED_OUT),
    "tls-reset": ("reset", "connection broke off"),
}
# Those that are down and not only unknown: no answer came.
DOWN = {"timed-out", "reset", "refused", "tls-failed"}
# HTTP/2 is spoken only where the other side knows no other; Node.js plays that.
HTTP2_REASONS = {
    "http2-settings": ("timed-out", TIMED_OUT),
    "http2-pings": ("timed-out", TIMED_OUT),
    "http2-resets": ("unparseable", "answer makes no sense"),
    "http2-continuations": ("unparseable", "answer makes no sense"),
    "http2-window": ("timed-out", TIMED_OUT),
}


def run(*command, **options):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)


def certificates(folder):
    """An authority and certificates of it: good, for another name, expired; one of nobody."""
    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    with open(os.path.join(folder, "ca.cnf"), "w", encoding="utf-8") as file:
        file.write("[ca]\ndefault_ca = x\n[x]\ndatabase = index.txt\nnew_certs_dir = .\nserial = serial\n"
                   "default_md = sha256\npolicy = p\nunique_subject = no\ncopy_extensions = copy\n"
                   "[p]\ncommonName = supplied\n")
    with open(os.path.join(folder, "index.txt"), "w", encoding="utf-8"):
        pass
    with open(os.path.join(folder, "serial"), "w", encoding="utf-8") as file:
        file.write("01")
    run("openssl", "req", "-x509", *new_key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "3",
        "-subj", "/CN=Authority of a test", cwd=folder)
    names = {"good": "IP:127.0.0.1", "named": "DNS:shop.internal.test", "expired": "IP:127.0.0.1",
             "client": "DNS:client.test"}
    for name, alternative in names.items():
        dates = ["-startdate", "20200101000000Z", "-enddate", "20200201000000Z"] if name == "expired" else ["-days", "2"]
        run("openssl", "req", *new_key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}",
            "-addext", f"subjectAltName={alternative}", cwd=folder)
        run("openssl", "ca", "-batch", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key", "-notext",
            "-in", f"{name}.csr", "-out", f"{name}.pem", *dates, cwd=folder)
    run("openssl", "req", "-x509", *new_key, "-keyout", "nobody.key", "-out", "nobody.pem", "-days", "2",
        "-subj", "/CN=nobody", "-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=CA:FALSE",
        cwd=folder)


def server_context(folder, name, wants_certificate=False):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(folder, f"{name}.pem"), os.path.join(folder, f"{name}.key"))
    if wants_certificate:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(os.path.join(folder, "ca.pem"))
    return context


def gzip_of_a_gigabyte():
    packer = zlib.compressobj(wbits=31)
    return b"".join([packer.compress(bytes(MEBIBYTE)) for _ in range(1024)]) + packer.flush()


def reset(writer):
    """Ends a connection at once, with RST."""
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


class Traps:
    """What each trap does once its request was read; those that need no request say so."""

    without_request = {"reset-at-accept", "closed-at-accept", "tls-silent", "tls-reset"}

    def __init__(self, folder):
        self.demanding = server_context(folder, "good", wants_certificate=True)
        self.bomb = gzip_of_a_gigabyte()
        lines = "".join(f'shop_calls_total{{path="/{number}"}} {number}\n' for number in range(SOME_METRICS))
        self.many = lines.encode()

    @staticmethod
    async def send(writer, *pieces):
        for piece in pieces:
            writer.write(piece)
        await writer.drain()

    async def answer(self, writer, body, kind="application/json", more=""):
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
        await self.send(writer, head.encode(), body)

    async def never(self, _):
        await asyncio.sleep(LONGEST)

    async def drip(self, writer):
        await self.send(writer, b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        for _ in range(LONGEST):
            await self.send(writer, b" ")
            await asyncio.sleep(1)

    async def drip_head(self, writer):
        for byte in b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" * 2:
            await self.send(writer, bytes([byte]))
            await asyncio.sleep(1)

    async def half_sent(self, writer):
        """The rest is never sent, and nobody hangs up: the other machine has vanished."""
        await self.send(writer, b'HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{"status"')
        await asyncio.sleep(LONGEST)

    async def gigabyte(self, writer):
        await self.send(writer, b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")
        for _ in range(1024):
            await self.send(writer, b"[" * MEBIBYTE)

    async def gigabyte_unannounced(self, writer):
        await self.send(writer, b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(1024):
            await self.send(writer, b"[" * MEBIBYTE)

    async def gzip_bomb(self, writer):
        await self.answer(writer, self.bomb, more="Content-Encoding: gzip\r\n")

    async def endless_metrics(self, writer):
        await self.send(writer, b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n\r\n")
        for _ in range(1024):
            await self.send(writer, self.many)

    async def endless_headers(self, writer):
        await self.send(writer, b"HTTP/1.1 200 OK\r\n")
        for _ in range(200_000):
            await self.send(writer, b"X-More: " + b"x" * 500 + b"\r\n")

    async def invalid_chunks(self, writer):
        await self.send(writer, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n")
        await asyncio.sleep(1)

    async def chunk_without_end(self, writer):
        await self.send(writer, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n{}")
        await asyncio.sleep(LONGEST)

    async def garbage(self, writer):
        await self.send(writer, b"\x16\x03" + os.urandom(4096))

    async def two_lengths(self, writer):
        await self.send(writer, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}!")

    async def redirect(self, writer, to):
        await self.send(writer, b"HTTP/1.1 302 Found\r\nLocation: " + to + b"\r\nContent-Length: 0\r\n\r\n")

    async def redirect_loop(self, writer):
        await self.redirect(writer, b"/health")

    async def redirect_to_metadata(self, writer):
        await self.redirect(writer, b"http://169.254.169.254/latest/meta-data/")

    async def reset_at_accept(self, writer):
        reset(writer)

    async def reset_after_request(self, writer):
        reset(writer)

    async def reset_in_head(self, writer):
        await self.send(writer, b"HTTP/1.1 200 OK\r\nContent-Type: appl")
        await asyncio.sleep(0.05)
        reset(writer)

    async def reset_in_body(self, writer):
        await self.send(writer, b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"status"')
        await asyncio.sleep(0.05)
        reset(writer)

    async def closed_at_accept(self, _):
        pass

    async def closed_in_head(self, writer):
        await self.send(writer, b"HTTP/1.1 200 OK\r\nContent-Type: appl")

    async def closed_in_body(self, writer):
        await self.send(writer, b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"status"')

    async def metrics(self, writer):
        await self.answer(writer, self.many, "text/plain; version=0.0.4")

    async def deep_json(self, writer):
        await self.answer(writer, b'{"status":' + b"[" * 100_000)

    async def tricks(self, writer):
        # A bell, a turn of the direction of writing, and a blank of no width.
        await self.answer(writer, json.dumps({"status": "DOWN\u0007\u202egpj\u200b.exe"}).encode())

    async def good(self, writer):
        await self.answer(writer, b'{"status":"UP"}')

    async def vanishes(self, writer):
        """Answers once on each connection and is gone then, without hanging up."""
        await self.good(writer)
        await asyncio.sleep(LONGEST)

    tls_other_name = tls_expired = tls_self_signed = good

    async def tls_client(self, reader, writer):
        """Refuses who shows no certificate, and waits until that was read: a program that
        closes with something unread sends RST, and its refusal may never come."""
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        connection = self.demanding.wrap_bio(incoming, outgoing, server_side=True)
        with contextlib.suppress(ssl.SSLError):
            is_refused = False
            while not is_refused:
                try:
                    connection.do_handshake()
                    is_refused = True
                except ssl.SSLWantReadError:
                    await self.send(writer, outgoing.read())
                    incoming.write(await reader.read(65536))
        await self.send(writer, outgoing.read())
        writer.write_eof()
        while await reader.read(65536):
            pass

    async def tls_plain(self, writer):
        await self.send(writer, b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    async def tls_silent(self, _):
        await asyncio.sleep(LONGEST)

    async def tls_reset(self, writer):
        await asyncio.sleep(0.05)
        reset(writer)

    def serve(self, name):
        async def serve(reader, writer):
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                if name == "tls-client":
                    await self.tls_client(reader, writer)
                    return
                if name == "tls-plain":
                    await reader.read(1)
                elif name not in self.without_request:
                    await reader.readuntil(b"\r\n\r\n")
                await getattr(self, name.replace("-", "_"))(writer)
            writer.close()
        return serve


def silent_host(number):
    return f"127.0.0.{number + 10}"


def full_queue():
    """Somebody who listens and never accepts, with more connections waiting than fit."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    waiting = [listener]
    for _ in range(4):
        one = socket.socket()
        one.setblocking(False)
        one.connect_ex(listener.getsockname())
        waiting.append(one)
    return waiting


async def until_input_ends():
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


async def serve_bad(folder):
    certificates(folder)
    traps = Traps(folder)
    contexts = {
        "tls-other-name": server_context(folder, "named"),
        "tls-expired": server_context(folder, "expired"),
        "tls-self-signed": server_context(folder, "nobody"),
    }
    ports, servers = {}, []
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    for name in REASONS:
        if hasattr(traps, name.replace("-", "_")):
            server = await asyncio.start_server(traps.serve(name), "127.0.0.1", 0, ssl=contexts.get(name))
            servers.append(server)
            ports[name] = server.sockets[0].getsockname()[1]
    # This one is many machines at once.
    servers += [await asyncio.start_server(traps.serve("never"), silent_host(number), ports["never"])
                for number in range(SILENT)]
    waiting = full_queue()
    ports["full-queue"] = waiting[0].getsockname()[1]
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        ports["refused"] = closed.getsockname()[1]
    print(json.dumps(ports), flush=True)
    await until_input_ends()


async def serve_good(count):
    asked = [[] for _ in range(count)]
    late = 0.0

    def serve(number):
        async def answer(reader, writer):
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                while True:
                    await reader.readuntil(b"\r\n\r\n")
                    asked[number].append(time.monotonic())
                    writer.write(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n'
                                 b'Content-Length: 15\r\n\r\n{"status":"UP"}')
                    await writer.drain()
            writer.close()
        return answer

    async def measure():
        nonlocal late
        while True:
            due = time.monotonic() + 0.1
            await asyncio.sleep(0.1)
            late = max(late, time.monotonic() - due)

    servers = [await asyncio.start_server(serve(number), "127.0.0.1", 0) for number in range(count)]
    print(json.dumps([it.sockets[0].getsockname()[1] for it in servers]), flush=True)
    measuring = asyncio.create_task(measure())
    await until_input_ends()
    measuring.cancel()
    print(json.dumps({"asked": asked, "late": late}), flush=True)


class Served:
    """One of the servers as a program of its own; `ports` are what it serves."""

    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ports = json.loads(self.process.stdout.readline())

    def end(self):
        """Ends it; gives what it said at its end."""
        said = ""
        with contextlib.suppress(subprocess.TimeoutExpired):
            said = self.process.communicate("", timeout=20)[0]
        self.process.kill()
        self.process.wait()
        return said

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.end()


def bad(folder):
    return Served(sys.executable, os.path.abspath(__file__), "bad", folder)


def good(count):
    return Served(sys.executable, os.path.abspath(__file__), "good", str(count))


def http2(folder):
    """The floods of HTTP/2; `None` without Node.js. Needs the certificates of `bad`."""
    if not shutil.which("node"):
        return None
    return Served("node", os.path.join(HERE, "traps_http2.mjs"), folder)


def targets(ports, interval_ms, timeout_ms=500):
    """A target for each trap, by its name."""
    found = {}
    for name, port in ports.items():
        is_encrypted = name.startswith(("tls-", "http2-"))
        target = {"instances": [f"{'https' if is_encrypted else 'http'}://127.0.0.1:{port}"],
                  "health_path": "/health", "timeout_ms": timeout_ms, "interval_ms": interval_ms}
        # Who is not given up gets more time, because a machine can be busy.
        if (REASONS | HTTP2_REASONS).get(name, ("ok", ""))[1] != TIMED_OUT and not name.startswith("good-"):
            target |= {"timeout_ms": 4000, "interval_ms": max(interval_ms, 5000)}
        if is_encrypted and name != "tls-self-signed":
            target["tls"] = {"ca_file": "ca.pem"}
        found[name] = target
    for name, address in [("metadata", "http://169.254.169.254"), ("metadata-name", "http://metadata.google.internal")]:
        found[name] = {"instances": [address], "health_path": "/latest", "interval_ms": interval_ms}
    return found


def write_project(path, targets):
    project = {
        "meshboard": 1,
        "name": "traps",
        "services": {name: {"kind": "service", "technology": "go"} for name in targets},
        "environments": {"traps": {"name": "Traps", "targets": targets}},
    }
    with open(path, "w", encoding="utf-8") as file:
        json.dump(project, file)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve_bad(sys.argv[2]) if sys.argv[1] == "bad" else serve_good(int(sys.argv[2])))
    # Whatever still waits is not waited for.
    sys.stdout.flush()
    os._exit(0)
