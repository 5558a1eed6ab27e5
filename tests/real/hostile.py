#!/usr/bin/env python3
"""Gives the program files and answers that are meant to break it.

usage: hostile.py MESHBOARD SHOP.meshboard.json

Nothing may crash, take long or fill the memory, and what is said must name the reason.
Prints one line per check and exits with 1 if one failed.
"""

import contextlib
import copy
import json
import os
import subprocess
import sys
import tempfile
import threading
import time

import traps
from gateway import FAILED, report

MEBIBYTE = 1024 * 1024
MOST_MEMORY = 200 * MEBIBYTE
HUGE = 200 * MEBIBYTE


class Outcome:
    """How a run ended, what it said, the most memory it had, and its time."""

    def __init__(self, *command):
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
            start = time.monotonic()
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=errors)
            timer = threading.Timer(60, process.kill)
            timer.start()
            # The memory of this process alone, so it is waited for by hand.
            _, status, usage = os.wait4(process.pid, 0)
            timer.cancel()
            process.returncode = self.code = os.waitstatus_to_exitcode(status)
            self.seconds = time.monotonic() - start
            self.memory = usage.ru_maxrss * 1024
            out.seek(0)
            errors.seek(0)
            self.out = out.read().decode("utf-8", "replace")
            self.errors = errors.read().decode("utf-8", "replace")

    def is_bounded(self, seconds):
        return self.memory < MOST_MEMORY and self.seconds < seconds and "panicked" not in self.errors

    def size(self):
        return f"{self.memory // MEBIBYTE} MiB, {self.seconds:.1f} s"

    def __str__(self):
        return f"exit {self.code}, {self.size()}: {self.out[:300]} {self.errors[:600]}"


def check_file(meshboard, what, path, reason, seconds=20):
    """A file that is no project: said so in every command that reads one."""
    for arguments in (["check", path], ["layout", path], ["export", path, "--to", path + ".out"],
                      ["watch", path, "--once"]):
        ran = Outcome(meshboard, *arguments)
        fine = (ran.code == 2 and ran.is_bounded(seconds) and reason in ran.errors and path in ran.errors
                and len(ran.errors) < 1500)
        report(fine, f"{what}: {arguments[0]} says {reason!r}" + (f" ({ran.size()})" if fine else ""), ran)


def write_repeated(path, start, piece, end, mebibytes=HUGE // MEBIBYTE):
    """In pieces: what this process holds counts for the processes it starts."""
    with open(path, "wb") as file:
        file.write(start)
        for _ in range(mebibytes):
            file.write(piece * MEBIBYTE)
        file.write(end)


def check_files(meshboard, design, folder):
    with open(design, "rb") as file:
        whole = file.read()
    path = os.path.join(folder, "hostile.meshboard.json")

    with open(path, "wb") as file:
        file.write(whole[:len(whole) // 2])
    check_file(meshboard, "a file cut in half", path, "line ")
    write_repeated(path, b"", b"[", b"")
    check_file(meshboard, "200 MiB of [", path, "the file has 200 MiB")
    write_repeated(path, b'{"meshboard":1,"name":"', b"x", b'"}')
    check_file(meshboard, "a name of 200 MiB", path, "the file has 200 MiB")
    write_repeated(path, b'{"meshboard":1,"x":', b"[", b"", 60)
    check_file(meshboard, "60 MiB of [ in a project", path, "nested deeper than 127 levels")
    write_repeated(path, b'{"meshboard":1,"name":"', b"x", b'"', 60)
    check_file(meshboard, "60 MiB of text and no end", path, "line 1, column ")
    with open(path, "wb") as file:
        file.write(bytes(range(256)) * 40)
    check_file(meshboard, "bytes that are no text", path, "UTF-8")


def check_compose(meshboard, folder):
    path = os.path.join(folder, "compose.yaml")
    project = os.path.join(folder, "imported.meshboard.json")
    bombs = {
        "200 MiB of [": None,
        "aliases of aliases": "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
            f"{it}: &{it} [{','.join(['*' + chr(ord(it) - 1)] * 9)}]\n" for it in "bcdefghijkl") + "services: {}\n",
        "a file cut in half": "services:\n  a:\n    image: \"x",
    }
    for what, text in bombs.items():
        if text is None:
            write_repeated(path, b"", b"[", b"")
        else:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        ran = Outcome(meshboard, "import", "compose", path, "-o", project)
        fine = ran.code == 2 and ran.is_bounded(20) and "compose.yaml" in ran.errors and not os.path.exists(project)
        report(fine, f"{what} as a Compose file: import refuses" + (f" ({ran.size()})" if fine else ""), ran)


def check_long_names(meshboard, project, folder):
    long = copy.deepcopy(project)
    long["name"] = "p" * 10_000
    long["services"]["payments"]["name"] = "n" * 10_000
    path = os.path.join(folder, "long.meshboard.json")
    out = os.path.join(folder, "long")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(long, file)
    for arguments in (["check", path], ["layout", path], ["export", path, "--to", out]):
        ran = Outcome(meshboard, *arguments)
        report(ran.code in {0, 1} and ran.is_bounded(20),
               f"names of 10,000 characters: {arguments[0]} does its work", ran)
    with open(path, "w", encoding="utf-8") as file:
        file.write(json.dumps(project).replace('"payments"', json.dumps("p" * 10_000)))
    check_file(meshboard, "an id of 10,000 characters", path, "line 1, column ")


def check_once(meshboard, path, reasons):
    ran = Outcome(meshboard, "watch", path, "--once", "--format", "json")
    report(ran.code == 1 and ran.is_bounded(11), f"watch ends among {len(reasons)} traps ({ran.size()})", ran)
    shown = json.loads(ran.out or "{}").get("services", {})
    for name, (reach, words) in reasons.items():
        seen = shown.get(name, {})
        report(seen.get("reach") == reach and words in json.dumps(seen), f"watch, {name}: {reach}, says {words!r}", seen)
    return ran


def check_watched(meshboard, path, reasons, good, seconds=15):
    """For longer: nobody waits for the traps, and each one that is down says why."""
    with traps.good(good) as served:
        with open(path, encoding="utf-8") as file:
            project = json.load(file)
        named = {f"good-{number}": port for number, port in enumerate(served.ports)}
        known = project["environments"]["traps"]["targets"]
        known.update(traps.targets(named, 1000))
        beside = path.replace("traps.", "watched.")
        traps.write_project(beside, known)
        ran = Outcome(meshboard, "watch", beside, "--seconds", str(seconds), "--format", "json")
        told = json.loads(served.end().splitlines()[-1])
    report(ran.code == 1 and ran.is_bounded(seconds + 10), f"watch goes on among traps ({ran.size()})", ran)
    lines = [json.loads(line) for line in ran.out.splitlines()]
    causes = {it["service"]: it["cause"] for it in lines if it["kind"] == "health" and it["to_state"] == "down"}
    down = {name: words for name, (reach, words) in reasons.items() if reach in traps.DOWN}
    wrong = {name: causes.get(name) for name, words in down.items() if words not in causes.get(name, "")}
    report(not wrong, f"each of {len(down)} that do not answer is down, with its reason", wrong)
    gaps = [later - earlier for times in told["asked"] for earlier, later in zip(times, times[1:])]
    fewest = min(len(times) for times in told["asked"])
    most = 1.05 + 1 + told["late"]
    report(fewest > seconds / 2 - 3 and max(gaps, default=99) < most,
           f"{good} good ones are asked on time meanwhile, after {max(gaps, default=99):.2f} s at most",
           f"asked {fewest} times, {sorted(gaps)[-3:]}, the machine was {told['late']:.2f} s late")


def check_answers(meshboard, folder):
    path = os.path.join(folder, "traps.meshboard.json")
    with traps.bad(folder) as served, contextlib.ExitStack() as stack:
        reasons, ports = dict(traps.REASONS), dict(served.ports)
        flooding = traps.http2(folder)
        if flooding:
            stack.enter_context(flooding)
            reasons |= traps.HTTP2_REASONS
            ports |= flooding.ports
        else:
            print("       no node here: nobody floods with HTTP/2")
        traps.write_project(path, traps.targets(ports, 1000))
        ran = check_once(meshboard, path, reasons)
        # Written as text, so that nothing is escaped.
        ran = Outcome(meshboard, "watch", path, "--once")
        bad = sorted({hex(ord(it)) for it in ran.out + ran.errors
                      if it != "\n" and (it < " " or "\u200b" <= it <= "\u200f" or "\u202a" <= it <= "\u202e")})
        report(not bad, "no character of an answer turns or clears the screen", bad)
        check_watched(meshboard, path, reasons, 10)


def main():
    meshboard, design = sys.argv[1:3]
    with open(design, encoding="utf-8") as file:
        project = json.load(file)
    with tempfile.TemporaryDirectory(prefix="meshboard-hostile-") as folder:
        check_files(meshboard, design, folder)
        check_compose(meshboard, folder)
        check_long_names(meshboard, project, folder)
        check_answers(meshboard, folder)
    sys.exit(1 if FAILED else 0)


if __name__ == "__main__":
    main()
