#!/usr/bin/env python3
"""Imports real Compose files and compares the verdicts with those of Docker Compose.

usage: imports.py MESHBOARD FOLDER

What Docker Compose accepts is imported, judged, laid out and exported, and Docker Compose
accepts the export. What it refuses, the import refuses with a plain message. Prints one
line per check and exits with 1 if one failed.
"""

import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile

from gateway import FAILED, report

# What Docker Compose may complain about, because the system leaves it to its user or keeps
# it elsewhere, and a drawing does not need it.
LEFT_TO_THE_USER = {
    r"env file .* not found": "an env_file is not there",
    r"level=warning .*variable is not set": "a variable is not set, in the original neither",
}

# Files that only stand together with others.
TOGETHER = {
    "robot-shop/docker-compose-load.yaml": ["robot-shop/docker-compose.yaml"],
    "piggymetrics/docker-compose.dev.yml": ["piggymetrics/docker-compose.yml"],
    "sock-shop/deploy/docker-compose/docker-compose.logging.yml":
        ["sock-shop/deploy/docker-compose/docker-compose.yml"],
    "sock-shop/deploy/docker-compose/docker-compose.monitoring.yml":
        ["sock-shop/deploy/docker-compose/docker-compose.yml"],
}
ENVIRONMENT = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"}


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=ENVIRONMENT)


def compose_program():
    """PyPI's starter always ends with 0, so the program inside is called."""
    try:
        import compose
    except ImportError:
        return ["docker", "compose"] if shutil.which("docker") else None
    return [os.path.join(compose.__path__[0], "docker-compose")]


def compose_files(folder):
    """Every Compose file of the systems."""
    for parent, _, names in sorted(os.walk(folder)):
        for name in sorted(names):
            if "compose" in name and name.endswith((".yml", ".yaml")):
                yield os.path.join(parent, name)


def config(program, files, *options):
    return run(*program, *options, *[part for it in files for part in ("-f", it)], "config", "--quiet")


def complaints(said):
    """What Docker Compose said that counts, and the reasons why the rest does not."""
    counting, reasons = [], set()
    for line in filter(None, said.splitlines()):
        reason = next((it for words, it in LEFT_TO_THE_USER.items() if re.search(words, line)), None)
        if reason:
            reasons.add(reason)
        else:
            counting.append(line)
    return counting, reasons


def failure_of(meshboard, program, project, out):
    """What goes wrong on the way to the accepted export, and what Docker Compose may say."""
    for command, fine in [(["check", project], {0, 1}), (["layout", project], {0}),
                          (["export", project, "--to", out], {0})]:
        done = run(meshboard, *command)
        if done.returncode not in fine:
            return f"{command[0]} exits with {done.returncode}: {done.stderr[:400]}", set()
    exported = os.path.join(out, "compose.yaml")
    if not os.path.exists(exported):
        return "no compose.yaml was exported", set()
    example = os.path.join(out, ".env.example")
    options = ["--project-directory", out] + (["--env-file", example] if os.path.exists(example) else [])
    done = config(program, [exported], *options)
    counting, reasons = complaints(done.stderr)
    if counting or (done.returncode and not reasons):
        return f"Docker Compose says of the export: {done.stderr[:600]}", reasons
    return None, reasons


def check_system(meshboard, program, name, files, folder):
    """Whether it is as it should be, what was checked, and what was wrong."""
    out = os.path.join(folder, re.sub(r"\W+", "-", name))
    project = out + ".meshboard.json"
    source = config(program, files)
    imported = run(meshboard, "import", "compose", *files, "-o", project)
    # Warnings are no reason to refuse; those about the original are not ours.
    is_left_to_user = "env file" in source.stderr and bool(complaints(source.stderr)[1])
    if source.returncode and not is_left_to_user:
        fine = imported.returncode == 2 and imported.stderr.startswith("error: ") and "panicked" not in imported.stderr
        return (fine, f"{name}: refused, as Docker Compose does",
                f"exit {imported.returncode}: {imported.stderr[:300]}; Docker Compose: {source.stderr[:400]}")
    if imported.returncode:
        return False, f"{name}: import", imported.stderr[:600]
    wrong, reasons = failure_of(meshboard, program, project, out)
    note = f" ({', '.join(sorted(reasons))})" if reasons else ""
    return wrong is None, f"{name}: import, check, layout, export, compose config{note}", wrong


def systems(corpus):
    for file in compose_files(corpus):
        name = os.path.relpath(file, corpus)
        yield name, [file]
        if name in TOGETHER:
            yield name + " with what it adds to", [os.path.join(corpus, it) for it in TOGETHER[name]] + [file]


def main():
    meshboard, corpus = sys.argv[1:3]
    program = compose_program()
    if program is None:
        report(False, "real Compose files: docker compose is not installed")
        sys.exit(1)
    with (tempfile.TemporaryDirectory(prefix="meshboard-imports-") as folder,
          concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool):
        for result in pool.map(lambda it: check_system(meshboard, program, *it, folder), systems(corpus)):
            report(*result)
    sys.exit(1 if FAILED else 0)


if __name__ == "__main__":
    main()
