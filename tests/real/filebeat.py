#!/usr/bin/env python3
"""Runs real Filebeat with an exported configuration on logs as Docker writes them.

usage: filebeat.py BUNDLE_FOLDER [LINES]

LINES is a file of `SERVICE<tab>LINE`. Only where to read and where to send is replaced:
the addresses of the machine's own containers and of Logstash. Prints one line per check.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time

import yaml

FAILED = []
OURS = [("orders", '{"message":"one","http.request.id":"trace-12345678"}'), ("orders-db", "LOG:  ready")]


def report(is_fine, what, detail=""):
    print(("ok     " if is_fine else "FAILED ") + what + ("" if is_fine else f": {detail}"), flush=True)
    if not is_fine:
        FAILED.append(what)


def write_log(folder, number, attrs, lines):
    """A container's log as the json-file driver writes it; long lines come in parts."""
    name = f"{number:064x}"
    os.makedirs(os.path.join(folder, name))
    with open(os.path.join(folder, name, f"{name}-json.log"), "w", encoding="utf-8") as file:
        for line in lines:
            parts = [line[at:at + 16384] for at in range(0, len(line), 16384)]
            for part in [*parts[:-1], parts[-1] + "\n"]:
                file.write(json.dumps({"log": part, "stream": "stdout", "attrs": attrs,
                                       "time": "2026-02-03T04:05:06.123456789Z"}) + "\n")


def run(config, folder, expected):
    """Runs Filebeat until it has written so many events, and gives them."""
    out = os.path.join(folder, "out")
    # Where its own modules would be, of which none is used.
    os.makedirs(os.path.join(folder, "module"))
    command = ["filebeat", "run", "-e", "-c", config, "--path.home", folder, "--strict.perms=false"]
    with open(os.path.join(folder, "filebeat.log"), "w", encoding="utf-8") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    events = []
    try:
        for _ in range(600):
            names = os.listdir(out) if os.path.isdir(out) else []
            events = []
            for name in names:
                with open(os.path.join(out, name), encoding="utf-8") as file:
                    events += [json.loads(it) for it in file if it.endswith("\n")]
            if len(events) >= expected or process.poll() is not None:
                break
            time.sleep(0.1)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    return events


def complaints(folder):
    """What Filebeat complains of, however it writes its own log."""
    with open(os.path.join(folder, "filebeat.log"), encoding="utf-8") as file:
        lines = [it for it in file if "unable to load the ingest pipelines" not in it]
    return [it for it in lines if "\tERROR\t" in it or "\tWARN\t" in it
            or '"log.level":"error"' in it or '"log.level":"warn"' in it]


def configuration(bundle, folder):
    """The exported configuration, reading and writing here."""
    with open(os.path.join(bundle, "filebeat", "filebeat.yml"), encoding="utf-8") as file:
        exported = yaml.safe_load(file)
    exported["filebeat.inputs"][0]["paths"] = [os.path.join(folder, "containers", "*", "*-json.log")]
    output = exported.pop("output.logstash")
    exported["output.file"] = {"path": os.path.join(folder, "out"), "filename": "events"}
    path = os.path.join(folder, "filebeat.yml")
    with open(path, "w", encoding="utf-8") as file:
        yaml.safe_dump(exported, file)
    return path, output


def main():
    bundle = os.path.abspath(sys.argv[1])
    lines = OURS
    if len(sys.argv) > 2:
        with open(sys.argv[2], encoding="utf-8") as file:
            lines = OURS + [tuple(it.rstrip("\n").split("\t", 1)) for it in file]
    system = next(it for it in os.listdir(os.path.join(bundle, "logstash", "pipeline"))
                  if not it.endswith("-dead-letters.conf")).removesuffix(".conf")
    with tempfile.TemporaryDirectory(prefix="meshboard-filebeat-") as folder:
        attrs = {"com.docker.compose.project": system}
        containers = os.path.join(folder, "containers")
        services = sorted({it[0] for it in lines})
        for number, service in enumerate(services):
            write_log(containers, number, {**attrs, "com.docker.compose.service": service},
                      [it[1] for it in lines if it[0] == service])
        long_line = json.dumps({"message": "x" * 40000})
        write_log(containers, 100, {**attrs, "com.docker.compose.service": "long"}, [long_line])
        write_log(containers, 101, {**attrs, "com.docker.compose.service": "logstash"}, ["about a line"])
        write_log(containers, 102, {"com.docker.compose.project": "another"}, ["somebody else's"])
        config, output = configuration(bundle, folder)
        events = run(config, folder, len(lines) + 1)
        # Docker's line break stays at the end: the pipeline takes it off.
        found = [(it["docker"]["attrs"].get("com.docker.compose.service"), it["message"].removesuffix("\n"))
                 for it in events]
        expected = [*lines, ("long", long_line)]
        report(sorted(found) == sorted(expected), f"Filebeat ships {len(expected)} lines whole, and no other's",
               sorted(set(found) ^ set(expected))[:3] or found[:2])
        report(all(it["@timestamp"] == "2026-02-03T04:05:06.123Z" for it in events), "with Docker's time", events[:1])
        report(all(it["log"]["file"]["path"] for it in events), "with the container's file", events[:1])
        report(not complaints(folder), "Filebeat has nothing to complain about", complaints(folder)[:3])
        report(output["hosts"] == ["logstash:5044"] and output["ssl"]["verification_mode"] == "full",
               "its output is Logstash over TLS", output)
    sys.exit(1 if FAILED else 0)


if __name__ == "__main__":
    main()
