#!/usr/bin/env python3
"""Every number of a design is read back from what the real program understood.

usage: fields.py MESHBOARD [TARGET...]

One module a target in readback/: TARGET names it, GATEWAY the technology of its gateway if
it is one, `read(folder)` asks the real program for its view of an exported bundle, and
EXPECTED says for each field of the design what that view must hold: a function of the view
and the value. IN_COMMENTS lists fields that the target only mentions to people.
"""

import importlib
import json
import os
import pkgutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
DESIGN = os.path.join(HERE, "designs", "numbers.meshboard.json")
sys.path.insert(0, HERE)


def export(meshboard, module, folder):
    with open(DESIGN, encoding="utf-8") as file:
        design = json.load(file)
    if getattr(module, "GATEWAY", None):
        design["services"]["gateway"]["technology"] = module.GATEWAY
    if module.TARGET == "gitlab-ci":
        design["ci"] = "gitlab-ci"
    if module.TARGET == "breakers":
        # The others read these numbers from their environment.
        design["services"]["orders"]["technology"] = "spring-boot"
    project = os.path.join(folder, "numbers.meshboard.json")
    with open(project, "w", encoding="utf-8") as file:
        json.dump(design, file)
    bundle = os.path.join(folder, "bundle")
    subprocess.run([meshboard, "export", project, "--to", bundle], check=True, capture_output=True)
    return bundle


def compare(module, view, carried):
    """Says for each field whether the program understood it as it was drawn."""
    told = set(module.EXPECTED) | set(getattr(module, "IN_COMMENTS", ()))
    failures = [f"{field}: not read back" for field in sorted(carried - told)]
    failures += [f"{field}: the target does not carry it" for field in sorted(told - carried)]
    for field, (get, expected) in module.EXPECTED.items():
        try:
            found = get(view)
        except (AttributeError, IndexError, KeyError, StopIteration, TypeError, ValueError) as error:
            found = repr(error)
        if found != expected:
            failures.append(f"{field}: {found!r} instead of {expected!r}")
    return failures


def main():
    meshboard, wanted = os.path.abspath(sys.argv[1]), sys.argv[2:]
    listed = subprocess.run([meshboard, "targets", "--format", "json"], check=True, capture_output=True)
    targets = {it["id"]: it for it in json.loads(listed.stdout)["targets"]}
    names = sorted(it.name for it in pkgutil.iter_modules([os.path.join(HERE, "readback")]))
    modules = [importlib.import_module(f"readback.{name}") for name in names]
    failed = False
    for target in sorted(set(targets) - {it.TARGET for it in modules}):
        print(f"FAILED fields of {target}: there is nothing that reads them back")
        failed = True
    for module in modules:
        if wanted and module.TARGET not in wanted:
            continue
        carried = {it["field"] for it in targets[module.TARGET]["fields"] if "as" in it}
        with tempfile.TemporaryDirectory(prefix="meshboard-fields-") as folder:
            failures = compare(module, module.read(export(meshboard, module, folder)), carried)
        print(("FAILED " if failures else "ok     ") + f"{len(carried)} fields in {module.TARGET}")
        for line in failures:
            print("       " + line)
        failed = failed or bool(failures)
    sys.exit(failed)


if __name__ == "__main__":
    main()
