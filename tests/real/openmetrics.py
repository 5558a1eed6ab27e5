#!/usr/bin/env python3
"""Gives the pages of the OpenMetrics project's own tests to our parser, and counts.

usage: openmetrics.py MESHBOARD FOLDER

FOLDER is `tests/testdata/parsers` of the repository of OpenMetrics: a folder for each case
with a page, `metrics`, and `test.json` that says whether a parser must accept it. Every
page that must be accepted has to be read completely: each of its lines, and all samples.
A page that must be rejected is often read all the same, which is right for a reader that
wants to show what there is; it is listed why. Exits with 1 if a page that must be accepted
is not read completely.
"""

import collections
import json
import os
import re
import subprocess
import sys

KIND = "application/openmetrics-text; version=1.0.0; charset=utf-8"

# The start of a case's name, and why it is right to read such a page.
TOLERATED = {
    "bad_blank_line": "blank lines are legal in the text format",
    "bad_clashing_names": "families are not kept apart, series are",
    "bad_counter_values": "a value is shown or not by who asks for it; a count below zero or NaN is left out there",
    "bad_exemplar": "exemplars are skipped",
    "bad_grouping_or_ordering": "series may come in any order, as in the text format",
    "bad_help": "help is skipped",
    "bad_histograms": "histograms are not added up",
    "bad_info_and_stateset_values": "a set whose values are not 0 or 1 is no set of states; that is judged later",
    "bad_stateset_info_values": "a set whose values are not 0 or 1 is no set of states; that is judged later",
    "bad_invalid_labels": "of two labels with one name the first counts; a value may follow the brace at once",
    "bad_metadata": "a comment that declares nothing known is a comment",
    "bad_metadata_in_wrong_place": "what stands right above a series counts, nothing else",
    "bad_missing_or_extra_commas": "a comma before the closing brace is legal in the text format",
    "bad_missing_or_invalid_labels_for_a_type": "labels of summaries and histograms are not looked at",
    "bad_repeated_metadata": "the last declaration above a series counts",
    "bad_text_after_eof": "pages that were put together have an end in the middle",
    "bad_timestamp": "timestamps are skipped: what is shown is what is so now",
    "bad_type": "a type that is not known is no type",
    "bad_unit": "units are skipped",
    "bad_value": "blanks around a value are legal in the text format",
}


def read(meshboard, page):
    command = [meshboard, "formats", "--read", page, "--type", KIND]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def is_complete(shown, page):
    with open(page, "rb") as file:
        lines = file.read().decode().split("\n")
    samples = [it for it in lines if it.strip() and not it.lstrip().startswith("#")]
    metrics = shown.get("metrics", {})
    return (shown["format"] == "prometheus" and metrics["samples"] == len(samples)
            and metrics["lines_left_out"] == 0 and metrics["ends_with_eof"] and not metrics["last_line_is_cut"])


def main():
    meshboard, folder = sys.argv[1:]
    accepted, failed, rejected, read_all = 0, [], collections.Counter(), collections.Counter()
    for case in sorted(os.listdir(folder)):
        with open(os.path.join(folder, case, "test.json"), encoding="utf-8") as file:
            told = json.load(file)
        page = os.path.join(folder, case, told["file"])
        fine = is_complete(read(meshboard, page), page)
        group = re.sub(r"_\d+$", "", case)
        if told["shouldParse"]:
            accepted += fine
            failed += [] if fine else [case]
        elif fine:
            read_all[group] += 1
        else:
            rejected[group] += 1
    total = accepted + len(failed)
    print(f"must be accepted: {accepted} of {total} are read completely")
    print(f"must be rejected: of {sum(rejected.values()) + sum(read_all.values())}, {sum(rejected.values())} are seen to be broken:")
    for group, count in sorted(rejected.items()):
        print(f"  {count:3}  {group}")
    print(f"and {sum(read_all.values())} are read all the same:")
    for group, count in sorted(read_all.items()):
        reasons = [why for start, why in TOLERATED.items() if group.startswith(start)]
        print(f"  {count:3}  {group}: {reasons[-1] if reasons else 'NO REASON GIVEN'}")
    unexplained = [it for it in read_all if not any(it.startswith(start) for start in TOLERATED)]
    if failed or unexplained:
        sys.exit(f"not read completely: {failed}; without a reason: {unexplained}")
    print("ok     every page that must be accepted is read completely")


main()
