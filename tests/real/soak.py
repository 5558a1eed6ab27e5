#!/usr/bin/env python3
"""Watches a hundred services for an hour, most of which mean harm.

usage: soak.py MESHBOARD [SECONDS]   (3600 without; at least 90)

Every trap of traps.py at a bounded rate, forty that never answer, and good ones beside.
Samples the program's memory, threads and descriptors; fails if one of these grows, if a good
one was asked late, if a reason is wrong, or if the program ends by itself. Prints a table
and exits with 1 if a check failed.
"""

import contextlib
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import traps
from gateway import FAILED, report

GOOD = 20
GOOD_INTERVAL_MS = 2000
# So often a trap is asked while it still counts as new; later the program backs off itself.
TRAP_INTERVAL_MS = 2000
# A good one may be asked so much later than its interval, in seconds, beside what the
# machine itself was late.
MOST_LATE = 1.0
MEBIBYTE = 1024 * 1024


def first_number(text, pattern):
    return int(re.search(pattern, text, re.MULTILINE)[1])


def sample(pid, began):
    """What the program has and has used."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        status = file.read()
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        ticks = sum(int(it) for it in file.read().rsplit(")", 1)[1].split()[11:13])
    return {
        "at": time.monotonic() - began,
        "memory": first_number(status, r"^VmRSS:\s+(\d+)") * 1024,
        "threads": first_number(status, r"^Threads:\s+(\d+)"),
        "descriptors": len(os.listdir(f"/proc/{pid}/fd")),
        "cpu": ticks / os.sysconf("SC_CLK_TCK"),
    }


def third(samples, number, key):
    """The values of the first, second or last third of the time."""
    size = len(samples) // 3
    return [it[key] for it in samples[number * size:(number + 1) * size if number < 2 else None]]


def show(samples, rows=12):
    print("       time      memory  threads  descriptors     CPU")
    step = max(1, len(samples) // rows)
    for before, it in zip([None, *samples[::step]], samples[::step]):
        used = (it["cpu"] - before["cpu"]) / (it["at"] - before["at"]) * 100 if before else 0
        print(f"    {it['at']:6.0f} s {it['memory'] / MEBIBYTE:7.1f} MiB {it['threads']:8} {it['descriptors']:12} "
              f"{used:5.1f} %", flush=True)


def check_growth(samples):
    # The first third is for caches and pools to fill. A long answer takes memory while it is
    # read; what leaks stays, so that the least of the time tells.
    second, last = (min(third(samples, number, "memory")) for number in (1, 2))
    grown = last - second
    report(not (grown > 0.05 * second and grown > 5 * MEBIBYTE),
           f"memory does not grow: {second / MEBIBYTE:.1f} MiB or more in the second third, then {last / MEBIBYTE:.1f}",
           "it does")
    for key in ("descriptors", "threads"):
        second, last = (max(third(samples, number, key)) for number in (1, 2))
        middle = statistics.median(third(samples, 2, key))
        # At its worst moment as many traps as may be are asked at once, which is chance.
        report(last <= second * 1.25 + 8, f"{key} do not grow: at most {second}, then {last} (usually {middle:.0f})",
               [it[key] for it in samples[-20:]])


def check_lateness(told, seconds):
    interval = GOOD_INTERVAL_MS / 1000
    gaps = sorted(later - earlier for times in told["asked"] for earlier, later in zip(times, times[1:]))
    late = sorted(it - interval for it in gaps)
    if not late:
        report(False, "good ones are asked", told)
        return
    fewest, wanted = min(len(times) for times in told["asked"]), (seconds - 5) / interval
    report(fewest > wanted * 0.9 - 2, f"each of {GOOD} good ones was asked {fewest} times or more in {seconds} s",
           f"that should be {wanted:.0f}")
    # Every poll may be up to 5 % of the interval early or late, and the one before it too.
    most = interval * 0.1 + MOST_LATE + told["late"]
    middle, nearly_all = late[len(late) // 2], late[int(len(late) * 0.99)]
    report(late[-1] <= most,
           f"none late: half within {middle * 1000:.0f} ms, 99 of 100 within {nearly_all * 1000:.0f} ms, all within "
           f"{late[-1] * 1000:.0f} ms (a timer of this machine was {told['late'] * 1000:.0f} ms late)",
           f"{sum(it > most for it in late)} of {len(late)} were, by up to {late[-1]:.2f} s")


def check_lines(lines, reasons):
    causes, wrong = {}, {}
    for it in lines:
        if it["kind"] == "health" and it["to_state"] == "down":
            causes.setdefault(it["service"], set()).add(it["cause"])
    for name, (reach, words) in reasons.items():
        if reach in traps.DOWN and not all(words in it for it in causes.get(name, {""})):
            wrong[name] = causes.get(name)
    report(not wrong, "every trap that does not answer is down with its reason, each time", wrong)
    fell = {name: it for name, it in causes.items() if name.startswith("good-") or name == "vanishes"}
    report(not fell, f"{GOOD} good ones never seem down, nor who loses kept connections", fell)
    silent = [name for name in causes if name.startswith("silent-")]
    report(len(silent) == traps.SILENT, f"{traps.SILENT} that never answer are down", len(silent))


def check_reasons(meshboard, path, reasons):
    """The reason of each trap, also of those that are not down, asked once by a program of its own."""
    ran = subprocess.run([meshboard, "watch", path, "--once", "--format", "json"], capture_output=True, text=True,
                         timeout=60, check=False)
    shown = json.loads(ran.stdout)["services"]
    wrong = {name: shown.get(name) for name, (reach, words) in reasons.items()
             if shown.get(name, {}).get("reach") != reach or words not in json.dumps(shown[name])}
    report(not wrong, f"{len(reasons)} reasons are right", wrong)


def watch(meshboard, path, seconds):
    """Runs for so long; gives samples and the lines it wrote."""
    process = subprocess.Popen([meshboard, "watch", path, "--seconds", str(seconds), "--format", "json"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    lines, errors = [], []
    readers = [threading.Thread(target=lambda: lines.extend(json.loads(it) for it in process.stdout)),
               threading.Thread(target=lambda: errors.extend(process.stderr))]
    for reader in readers:
        reader.start()
    began, samples = time.monotonic(), []
    ended_early = False
    try:
        while not ended_early and time.monotonic() - began < seconds - 5:
            with contextlib.suppress(OSError):
                samples.append(sample(process.pid, began))
            time.sleep(min(5, seconds / 60))
            ended_early = process.poll() is not None
        process.wait(60)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.wait()
        for reader in readers:
            reader.join(10)
    text = "".join(errors)
    report(not ended_early and process.returncode == 1 and "panicked" not in text,
           f"the program ran for {seconds} s and ended in time, with the code for services that are down",
           (process.returncode, text[-1000:]))
    return samples, lines


def main():
    meshboard = os.path.abspath(sys.argv[1])
    seconds = max(90, int(sys.argv[2]) if len(sys.argv) > 2 else 3600)
    with (tempfile.TemporaryDirectory(prefix="meshboard-soak-") as folder, traps.bad(folder) as bad,
          traps.good(GOOD) as good, contextlib.ExitStack() as stack):
        reasons, ports = dict(traps.REASONS), dict(bad.ports)
        flooding = traps.http2(folder)
        if flooding:
            stack.enter_context(flooding)
            reasons |= traps.HTTP2_REASONS
            ports |= flooding.ports
        known = traps.targets(ports, TRAP_INTERVAL_MS)
        once = os.path.join(folder, "once.meshboard.json")
        traps.write_project(once, known)
        known |= traps.targets({f"good-{number}": port for number, port in enumerate(good.ports)},
                               GOOD_INTERVAL_MS, timeout_ms=1500)
        for number in range(traps.SILENT):
            known[f"silent-{number}"] = {"instances": [f"http://{traps.silent_host(number)}:{bad.ports['never']}"],
                                         "health_path": "/health", "timeout_ms": 4000, "interval_ms": 10000}
        path = os.path.join(folder, "soak.meshboard.json")
        traps.write_project(path, known)
        print(f"       {len(known)} services for {seconds} s", flush=True)
        samples, lines = watch(meshboard, path, seconds)
        told = json.loads(good.end().splitlines()[-1])
        show(samples)
        check_growth(samples)
        check_lateness(told, seconds)
        check_lines(lines, reasons)
        check_reasons(meshboard, once, reasons)
    sys.exit(1 if FAILED else 0)


if __name__ == "__main__":
    main()
