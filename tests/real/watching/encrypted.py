#!/usr/bin/env python3
"""Watches services behind TLS, client certificates, other names and proxies.

usage: encrypted.py MESHBOARD

nginx plays the services, Node.js one that speaks HTTP/2 alone, and tinyproxy the proxy.
Prints one line per check and exits with 1 if one failed.
"""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

from common import FAILED, finish, free_port, project, report
import traps
from gateway import stop

NGINX = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 1;
events {{}}
http {{
  access_log off; ssl_protocols TLSv1.2 TLSv1.3;
  client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  default_type application/json;
  log_format asked '$server_addr $ssl_server_name $http_host $ssl_protocol $server_protocol';
  server {{
    listen 127.0.0.1:{good} ssl http2; ssl_certificate {folder}/good.pem; ssl_certificate_key {folder}/good.key;
    location / {{ return 200 '{{"status":"UP"}}'; }}
  }}
  server {{
    listen 127.0.0.1:{client} ssl; ssl_certificate {folder}/good.pem; ssl_certificate_key {folder}/good.key;
    ssl_verify_client on; ssl_client_certificate {folder}/ca.pem;
    location / {{ return 200 '{{"status":"UP"}}'; }}
  }}
  server {{
    listen 127.0.0.2:{named} ssl; ssl_certificate {folder}/named.pem; ssl_certificate_key {folder}/named.key;
    server_name shop.internal.test; access_log {folder}/asked.log asked;
    location / {{ return 200 '{{"status":"UP"}}'; }}
  }}
  server {{
    listen 127.0.0.3:{named} ssl; ssl_certificate {folder}/named.pem; ssl_certificate_key {folder}/named.key;
    server_name shop.internal.test; access_log {folder}/asked.log asked;
    location / {{ return 503 '{{"status":"DOWN"}}'; }}
  }}
  server {{
    listen 127.0.0.2:{named} ssl default_server; listen 127.0.0.3:{named} ssl default_server;
    ssl_certificate {folder}/nobody.pem; ssl_certificate_key {folder}/nobody.key;
    location / {{ return 421 'who?'; }}
  }}
  server {{
    listen 127.0.0.1:{plain};
    location / {{ return 200 '{{"status":"UP"}}'; }}
  }}
}}
"""
NEWER = """
const [folder, port] = process.argv.slice(1);
const fs = require("fs"), http2 = require("http2");
http2.createSecureServer({ cert: fs.readFileSync(folder + "/good.pem"), key: fs.readFileSync(folder + "/good.key") },
  (request, answer) => answer.writeHead(200, { "content-type": "application/json" })
    .end(JSON.stringify({ status: request.httpVersion === "2.0" ? "UP" : "DOWN" })))
  .listen(Number(port), "127.0.0.1");
"""


def listening(process, host, port):
    for _ in range(300):
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError):
            socket.create_connection((host, port), 1).close()
            return
        time.sleep(0.05)
    sys.exit(f"{process.args[0]} does not listen at {host}:{port}")


@contextlib.contextmanager
def running(command, host, port):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        listening(process, host, port)
        yield
    finally:
        stop(process)


def watched(meshboard, folder, targets, environment=None, options=()):
    """Asks once, from another folder than the project's; gives the services and what was said."""
    path = project({name: {"kind": "service"} for name in targets}, {}, {"name": "Local", "targets": targets}, folder)
    ran = subprocess.run([meshboard, "watch", path, "--once", "--format", "json", *options], capture_output=True,
                         text=True, timeout=60, cwd="/", env={**os.environ, **(environment or {})})
    return (json.loads(ran.stdout)["services"] if ran.stdout else {}), ran


def target(address, tls=None, **more):
    return {"instances": [address], "health_path": "/", **({"tls": tls} if tls else {}), **more}


def expect(services, name, what, health, words=""):
    seen = services.get(name, {})
    report(seen.get("health") == health and words in json.dumps(seen), what, seen)


def check_certificates(meshboard, folder, ports):
    good = f"https://127.0.0.1:{ports['good']}"
    client = f"https://127.0.0.1:{ports['client']}"
    ca = {"ca_file": "ca.pem"}
    ours = {"certificate_file": "client.pem", "key_file": "client.key"}
    broken = {
        "missing": ({"ca_file": "certificates/none.pem"}, "ca_file certificates/none.pem: there is no such file"),
        "key-alone": ({"key_file": "client.key"}, "key_file needs a certificate_file beside it"),
        "wrong-key": (ca | ours | {"key_file": "good.key"},
                      "key_file good.key is not the key of certificate_file client.pem"),
        "no-key": (ca | {"certificate_file": "client.pem"}, "certificate_file client.pem: there is no private key in it"),
        "no-ca": ({"ca_file": "client.key"}, "ca_file client.key: there is no certificate in it"),
        "folder": ({"ca_file": "."}, "ca_file .: it is no file"),
    }
    services, _ = watched(meshboard, folder, {
        "unknown": target(good),
        "known": target(good, ca),
        "insecure": target(good, {"is_insecure": True}),
        "nameless": target(f"https://127.0.0.2:{ports['named']}", {"is_insecure": True}),
        "with": target(client, ca | ours),
        "without": target(client, ca),
        "stranger": target(client, {"ca_file": "ca.pem", "certificate_file": "nobody.pem", "key_file": "nobody.key"}),
        **{name: target(good, tls) for name, (tls, _) in broken.items()},
    })
    expect(services, "unknown", "an authority that the system does not know is not trusted", "down",
           "signed by nobody who is trusted; ca_file can name who signed it")
    expect(services, "known", "that of ca_file is, found in the project's folder", "up")
    expect(services, "insecure", "is_insecure takes any certificate, for this target alone", "up")
    expect(services, "nameless", "also one for another name", "down", "HTTP 421")
    expect(services, "with", "a client certificate is shown to nginx", "up")
    # nginx asks, and answers 400 itself to who has none.
    expect(services, "without", "without one nginx refuses", "down", "400")
    expect(services, "stranger", "with another's nginx refuses", "down", "400")
    for name, (_, words) in broken.items():
        expect(services, name, f"what is wrong with files is said: {words}", "down", words)


def check_names(meshboard, folder, ports):
    tls = {"ca_file": "ca.pem", "server_name": "shop.internal.test"}
    two, three = (f"https://{host}:{ports['named']}" for host in ("127.0.0.2", "127.0.0.3"))
    services, ran = watched(meshboard, folder, {
        "two": target(two, tls), "three": target(three, tls), "address": target(two, {"ca_file": "ca.pem"}),
        "other": target(two, tls | {"server_name": "bank.internal.test"}),
        "number": target(two, tls | {"server_name": "127.0.0.1"}),
        "proxied": target(two, tls, proxy=f"http://127.0.0.1:{ports['proxy']}"),
    })
    expect(services, "two", "a service is asked at its address under the name of its certificate", "up")
    expect(services, "three", "another of the same name is really another", "down", "DOWN")
    expect(services, "address", "without server_name the address must be in the certificate", "down", "signed by nobody")
    expect(services, "other", "another name is not taken", "down", "signed by nobody")
    expect(services, "number", "an address is no server_name", "down", "server_name 127.0.0.1: it is no host name")
    expect(services, "proxied", "a name through a proxy is refused", "down", "it cannot be asked for through a proxy")
    with open(os.path.join(folder, "asked.log"), encoding="utf-8") as file:
        asked = {line.strip() for line in file}
    name = f"shop.internal.test shop.internal.test:{ports['named']} TLSv1.3 HTTP/1.1"
    report(asked == {f"127.0.0.2 {name}", f"127.0.0.3 {name}"}, "nginx saw that name in TLS and in Host", asked)


def check_proxies(meshboard, folder, ports):
    proxy = f"http://127.0.0.1:{ports['proxy']}"
    nobody = f"http://127.0.0.1:{free_port()}"
    environment = {name: nobody for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY",
                                             "ALL_PROXY")}
    plain, good = f"http://127.0.0.1:{ports['plain']}", f"https://127.0.0.1:{ports['good']}"
    services, ran = watched(meshboard, folder, {
        "direct": target(plain),
        "plain": target(plain, proxy=proxy),
        "encrypted": target(good, {"ca_file": "ca.pem"}, proxy=proxy),
        "no-proxy": target(plain, proxy=nobody),
        "no-tunnel": target(f"https://127.0.0.1:{free_port()}", proxy=proxy),
        "metadata": target("http://169.254.169.254", proxy=proxy),
        "to-metadata": target(plain, proxy="http://169.254.169.254:3128"),
        "locked": target(plain, proxy="http://user:top-secret@127.0.0.1:3128"),
    }, environment)
    expect(services, "direct", "no proxy is taken from the environment", "up")
    expect(services, "plain", "a proxy is used where one is asked for", "up")
    expect(services, "encrypted", "through it an encrypted connection goes end to end", "up")
    expect(services, "no-proxy", "a proxy that is not there is said to be it", "down",
           f"through the proxy {nobody}: connection refused")
    expect(services, "no-tunnel", "a proxy that finds nobody says so", "down", f"through the proxy {proxy}: ")
    expect(services, "metadata", "a metadata address is refused through a proxy too", "unknown", "never asked")
    expect(services, "to-metadata", "and as a proxy", "unknown", "never asked")
    expect(services, "locked", "a proxy's password does not belong into a project", "unknown",
           "it holds a user name or password")
    report("top-secret" not in ran.stdout + ran.stderr, "and is not shown", ran.stdout)
    with open(os.path.join(folder, "proxy.log"), encoding="utf-8") as file:
        log = file.read()
    has = [words for words in (f"GET {plain}/ HTTP/1.1", f"CONNECT 127.0.0.1:{ports['good']} HTTP/1.1") if words in log]
    report(len(has) == 2 and "169.254" not in log, "tinyproxy saw just that", log[-2000:])
    _, ran = watched(meshboard, folder, {"far": target(plain, proxy="http://proxy.example.test:3128")})
    report(ran.returncode == 2 and "--allow proxy.example.test" in ran.stderr,
           "a proxy elsewhere must be agreed to", ran.stderr)


def main():
    meshboard = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="meshboard-encrypted-") as folder, contextlib.ExitStack() as stack:
        traps.certificates(folder)
        ports = {name: free_port() for name in ("good", "client", "named", "plain", "proxy", "newer")}
        with open(os.path.join(folder, "nginx.conf"), "w", encoding="utf-8") as file:
            file.write(NGINX.format(folder=folder, **ports))
        with open(os.path.join(folder, "proxy.conf"), "w", encoding="utf-8") as file:
            file.write(f'Port {ports["proxy"]}\nListen 127.0.0.1\nLogFile "{folder}/proxy.log"\nLogLevel Connect\n'
                       f'PidFile "{folder}/proxy.pid"\nMaxClients 20\nTimeout 20\nAllow 127.0.0.1\n')
        nginx = ["nginx", "-p", folder, "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"]
        stack.enter_context(running(nginx, "127.0.0.1", ports["plain"]))
        check_certificates(meshboard, folder, ports)
        if shutil.which("tinyproxy"):
            proxy = ["tinyproxy", "-d", "-c", os.path.join(folder, "proxy.conf")]
            stack.enter_context(running(proxy, "127.0.0.1", ports["proxy"]))
            check_proxies(meshboard, folder, ports)
        else:
            report(False, "tinyproxy is installed")
        check_names(meshboard, folder, ports)
        if shutil.which("node"):
            stack.enter_context(running(["node", "-e", NEWER, folder, str(ports["newer"])], "127.0.0.1", ports["newer"]))
            services, _ = watched(meshboard, folder, {
                "newer": target(f"https://127.0.0.1:{ports['newer']}", {"ca_file": "ca.pem"})})
            expect(services, "newer", "who speaks HTTP/2 alone is asked so", "up")
    finish()


if __name__ == "__main__":
    main()
