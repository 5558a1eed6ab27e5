#!/usr/bin/env python3
"""Compares an exported dashboard with Grafana's own schema, and parses its expressions.

usage: grafana.py BUNDLE_FOLDER

grafana-foundation-sdk is made from Grafana's schema: what it does not know is lost on the
way through it. Prints one line per check.
"""

import glob
import json
import os
import sys

import promql_parser
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

FAILED = []
# What Grafana puts in, and something that it could put in.
VARIABLES = {"$__rate_interval": "1m", "$service": "one|two"}


def report(is_fine, what, detail=""):
    print(("ok     " if is_fine else "FAILED ") + what + ("" if is_fine else f": {detail}"), flush=True)
    if not is_fine:
        FAILED.append(what)


def lost(before, after, at=""):
    """What is not there any more, or is something else."""
    if isinstance(before, dict):
        if not isinstance(after, dict):
            return [f"{at} is {after!r}"]
        return [it for key, value in before.items() for it in
                ([f"{at}/{key}"] if key not in after and value is not None else
                 lost(value, after.get(key), f"{at}/{key}"))]
    if isinstance(before, list):
        if not isinstance(after, list) or len(before) != len(after):
            return [f"{at} has other entries"]
        return [it for number, value in enumerate(before) for it in lost(value, after[number], f"{at}[{number}]")]
    return [] if before == after else [f"{at}: {before!r} became {after!r}"]


def expressions(dashboard):
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]
    for annotation in dashboard["annotations"]["list"]:
        yield annotation["name"], annotation["expr"]


def check(path):
    register_default_plugins()
    with open(path, encoding="utf-8") as file:
        dashboard = json.load(file)
    again = json.loads(JSONEncoder(sort_keys=True).encode(Dashboard.from_json(dashboard)))
    # An annotation's question is its data source's business, not the schema's.
    known = json.loads(json.dumps(dashboard))
    for annotation in known["annotations"]["list"]:
        for key in ("expr", "step", "titleFormat", "textFormat"):
            annotation.pop(key, None)
    missing = lost(known, again)
    report(not missing, f"{os.path.basename(path)} is a dashboard as Grafana knows it", missing[:5])
    wrong = []
    count = 0
    for title, expression in expressions(dashboard):
        for name, value in VARIABLES.items():
            expression = expression.replace(name, value)
        count += 1
        try:
            promql_parser.parse(expression)
        except ValueError as error:
            wrong.append((title, expression, error))
        if "$" in expression:
            wrong.append((title, expression, "unknown variable"))
    report(count and not wrong, f"{count} expressions are ones", wrong[:3])


def main():
    paths = glob.glob(os.path.join(sys.argv[1], "grafana", "dashboards", "*.json"))
    report(len(paths) == 1, "there is a dashboard", paths)
    for path in paths:
        check(path)
    sys.exit(1 if FAILED else 0)


if __name__ == "__main__":
    main()
