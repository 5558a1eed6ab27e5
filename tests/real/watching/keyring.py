#!/usr/bin/env python3
"""Keeps secrets in GNOME's keyring and watches a service that demands one.

usage: keyring.py MESHBOARD, which must have its feature `keyring`

Runs in a D-Bus session of its own with a home of its own, so that nobody's keyring is
touched. Needs Debian's dbus, gnome-keyring and libsecret-tools. Prints one line per check
and exits with 1 if one failed.
"""

import http.server
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time

from common import finish, project, report

# A session in which nothing starts by itself.
SESSION = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""
TOKEN = "kept-token-7d21"


class Demanding(http.server.BaseHTTPRequestHandler):
    """Well only for those who know the secret."""

    times = []

    def do_GET(self):
        type(self).times.append((self.path, time.monotonic()))
        is_known = self.path == "/open" or self.headers.get("Authorization") in (
            f"Bearer {TOKEN}", "Basic bW9uaXRvcjprZXB0LXRva2VuLTdkMjE=")
        body = b'{"status":"UP"}' if is_known else b'{"error":"who?"}'
        self.send_response(200 if is_known else 401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def enter_session():
    """Starts this program again in a session of its own."""
    home = tempfile.mkdtemp(prefix="meshboard-keyring-")
    environment = {"PATH": os.environ["PATH"], "HOME": home, "XDG_RUNTIME_DIR": home, "XDG_DATA_HOME": home,
                   "MESHBOARD_SESSION": home, "PYTHONDONTWRITEBYTECODE": "1"}
    configuration = os.path.join(home, "session.conf")
    with open(configuration, "w", encoding="utf-8") as file:
        file.write(SESSION)
    words = ["dbus-run-session", f"--config-file={configuration}", "--", sys.executable, os.path.abspath(__file__), *sys.argv[1:]]
    os.chmod(home, 0o700)
    code = subprocess.run(words, env=environment, check=False).returncode
    shutil.rmtree(home, ignore_errors=True)
    sys.exit(code)


def run(*words, given="", seconds=60):
    return subprocess.run(words, input=given, capture_output=True, text=True, timeout=seconds)


def daemon(given=None):
    """GNOME's keyring; unlocked with a password, or locked."""
    words = ["gnome-keyring-daemon", "--foreground", "--components=secrets"]
    started = subprocess.Popen(words + (["--unlock"] if given else []), stdin=subprocess.PIPE,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True)
    if given:
        started.stdin.write(given)
    started.stdin.close()
    for _ in range(200):
        owner = run("dbus-send", "--session", "--dest=org.freedesktop.DBus", "--print-reply", "/",
                    "org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets")
        if "true" in owner.stdout:
            return started
        time.sleep(0.05)
    sys.exit("gnome-keyring-daemon does not answer")


def end(process):
    process.terminate()
    process.wait(20)


def watched(meshboard, port, *options):
    def target(path, **credential):
        more = {"credential": credential} if credential else {}
        return {"instances": [f"http://127.0.0.1:{port}"], "health_path": path, "interval_ms": 1000, **more}

    targets = {
        "open": target("/open"),
        "bearer": target("/bearer", **{"bearer-from-keyring": "shop"}),
        "basic": target("/basic", **{"basic-from-keyring": "login"}),
        "missing": target("/missing", **{"bearer-from-keyring": "bank"}),
    }
    path = project({name: {"kind": "service"} for name in targets}, {}, {"name": "Local", "targets": targets},
                   os.environ["MESHBOARD_SESSION"])
    began = time.monotonic()
    ran = run(meshboard, "watch", path, "--format", "json", *options)
    shown = json.loads(ran.stdout)["services"] if "--once" in options and ran.stdout else {}
    return shown, ran, time.monotonic() - began


def expect(services, name, what, health, words=""):
    seen = services.get(name, {})
    report(seen.get("health") == health and words in json.dumps(seen), what, seen)


def main():
    if "MESHBOARD_SESSION" not in os.environ:
        enter_session()
    meshboard = os.path.abspath(sys.argv[1])
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Demanding)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_port

    ran = run(meshboard, "secret", "set", "shop", given=TOKEN + "\n")
    report(ran.returncode == 2 and "no keyring answers here" in ran.stderr, "without a keyring it is said so", ran)
    services, ran, _ = watched(meshboard, port, "--once")
    expect(services, "open", "others are watched all the same", "up")
    expect(services, "bearer", "a secret that cannot be had is said", "unknown", "the keyring's entry shop cannot be reached")

    keyring = daemon("the-keyring's-own-password")
    ran = run(meshboard, "secret", "set", "shop", given=TOKEN + "\n")
    report(ran.returncode == 0 and TOKEN not in ran.stdout + ran.stderr, "a secret is kept, and not shown", ran)
    ran = run(meshboard, "secret", "set", "login", given=f"monitor:{TOKEN}")
    report(ran.returncode == 0, "another too", ran)
    ran = run("secret-tool", "lookup", "service", "meshboard", "username", "shop")
    report(ran.stdout.strip() == TOKEN, "GNOME's own secret-tool finds it under meshboard", ran)
    services, ran, _ = watched(meshboard, port, "--once")
    expect(services, "bearer", "a service that demands it is up", "up")
    expect(services, "basic", "with user and password too", "up")
    expect(services, "missing", "an entry that is not there is named", "unknown",
           "the keyring's entry bank is not there, asked without it")
    report(TOKEN not in ran.stdout + ran.stderr, "nothing of it is shown", ran)

    end(keyring)
    # Nobody is there who could unlock it, as on a machine that starts before its user comes.
    keyring = daemon()
    Demanding.times.clear()
    _, ran, took = watched(meshboard, port, "--seconds", "6")
    times = [at for path, at in Demanding.times if path == "/open"]
    report(len(times) >= 4 and took < 12, "while the keyring is locked others are watched, and the program ends in time",
           (len(times), took, ran))
    services, ran, took = watched(meshboard, port, "--once")
    expect(services, "open", "once too", "up")
    expect(services, "bearer", "who needs the secret is not up", "unknown")
    end(keyring)

    keyring = daemon("the-keyring's-own-password")
    ran = run(meshboard, "secret", "remove", "shop")
    report(ran.returncode == 0, "a secret is removed", ran)
    ran = run("secret-tool", "lookup", "service", "meshboard", "username", "shop")
    report(ran.stdout == "", "and gone", ran)
    ran = run(meshboard, "secret", "remove", "shop")
    report(ran.returncode == 2 and "the keyring's entry shop is not there" in ran.stderr, "once", ran)
    ran = run(meshboard, "secret", "set", "shop", given="\n")
    report(ran.returncode == 2 and "standard input is empty" in ran.stderr, "an empty one is refused", ran)
    end(keyring)
    finish()


if __name__ == "__main__":
    main()
