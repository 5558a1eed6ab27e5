#!/usr/bin/env python3
"""Runs the filters of an exported Logstash pipeline, as their references describe them.

usage: logstash_model.py BUNDLE_FOLDER [LINES]

No registry has Logstash itself, so this is a model of the few plugins that pipelines use:
json, mutate, date, grok, translate and ruby, with the conditions around them. It reads the
tree of logstash-pipeline-parser, refuses options it does not know, and prints one line
per check. LINES is a file of real log lines, one a line, as `SERVICE<tab>LINE`: each has
to become a document whose fields the index template maps.
"""

import copy
import datetime
import json
import os
import re
import sys

import yaml
from logstash_pipeline_parser import Pipeline

from logstash_options import COMMON, PLUGINS, REQUIRED

FAILED = []
CONTAINER = "4f" * 32


def report(is_fine, what, detail=""):
    print(("ok     " if is_fine else "FAILED ") + what + ("" if is_fine else f": {detail}"), flush=True)
    if not is_fine:
        FAILED.append(what)


# --- The pipeline ---------------------------------------------------------------------


def parse(path):
    """The sections of a pipeline: stage -> its steps."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    Pipeline(text).parse()
    # The parser takes a backslash for an escape; Logstash does so only where it is told to.
    lines = [it for it in text.splitlines() if not it.lstrip().startswith("#")]
    text = re.sub(r'"[^"]*"|\'[^\']*\'', lambda it: it[0].replace("\\", "\\\\"), "\n".join(lines))
    pipeline = Pipeline(text)
    for name in list(pipeline.get_types()):
        pipeline.remove_type(name)
    return {stage: steps for stage, steps in pipeline.parse()}


def plain(values):
    """A setting's value: the parser wraps each in a list, and a hash in a list of pairs."""
    value = values[0] if isinstance(values, list) and len(values) == 1 else values
    if isinstance(value, list) and value and all(
            isinstance(it, list) and len(it) == 2 and isinstance(it[1], list) for it in value):
        return {str(key): plain(inner) for key, inner in value}
    if isinstance(value, list):
        return [str(it) if not isinstance(it, (bool, int, float)) else it for it in value]
    return value if isinstance(value, (bool, int, float)) else str(value)


def is_of(value, kind):
    if isinstance(kind, list):
        return str(value).lower() in kind
    return {
        "text": lambda: isinstance(value, str),
        "number": lambda: isinstance(value, int) and not isinstance(value, bool),
        "bool": lambda: isinstance(value, bool),
        "list": lambda: isinstance(value, (list, str)),
        "hash": lambda: isinstance(value, dict),
    }[kind]()


def settings(stage, name, pairs):
    """The settings of a plugin, each one that its reference knows."""
    known = {**COMMON[stage], **PLUGINS[(stage, name)]}
    found = {}
    for key, values in pairs:
        value = plain(values)
        if key not in known:
            raise ValueError(f"{name} has no option {key}")
        # A hash or a list of one looks like what is in it.
        if known[key] == "list" and not isinstance(value, list):
            value = [value]
        if not is_of(value, known[key]):
            raise ValueError(f"{name}: {key} => {value!r} is no {known[key]}")
        if key in found:
            raise ValueError(f"{name} says {key} twice")
        found[key] = value
    missing = REQUIRED.get((stage, name), set()) - set(found)
    if missing:
        raise ValueError(f"{name} needs {sorted(missing)}")
    return found


def check_options(stage, steps):
    """Every option of every plugin, in each branch."""
    count = 0
    for name, inside in steps:
        if name in ("if", "else if"):
            count += check_options(stage, inside[-1][0])
        elif name == "else":
            count += check_options(stage, inside)
        elif (stage, name) not in PLUGINS:
            raise ValueError(f"unknown plugin {name}")
        else:
            settings(stage, name, inside)
            count += 1
    return count


# --- Events ---------------------------------------------------------------------------


def keys(reference):
    """`[a][b]` or `a` as a list."""
    return re.findall(r"\[([^\[\]]+)\]", reference) or [reference]


def get(event, reference):
    value = event
    for key in keys(reference):
        if isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        elif isinstance(value, dict) and key in value:
            value = value[key]
        else:
            return None
    return value


def put(event, reference, value):
    *parents, last = keys(reference)
    for key in parents:
        event = event.setdefault(key, {})
    event[last] = value


def remove(event, reference):
    *parents, last = keys(reference)
    for key in parents:
        if isinstance(event, dict):
            event = event.get(key)
        elif isinstance(event, list) and key.isdigit() and int(key) < len(event):
            event = event[int(key)]
    if isinstance(event, list) and last.isdigit() and int(last) < len(event):
        return event.pop(int(last))
    return event.pop(last, None) if isinstance(event, dict) else None


def filled(event, text):
    """`%{[a][b]}` as its value; one that is not there stays as it is written."""
    def value(found):
        it = get(event, found[1])
        return found[0] if it is None else it if isinstance(it, str) else json.dumps(it)
    return re.sub(r"%\{([^{}]+)\}", value, text)


def tag(event, tags):
    for it in tags:
        if it not in event.setdefault("tags", []):
            event["tags"].append(it)


# --- Filters --------------------------------------------------------------------------


def json_filter(event, options):
    source = get(event, options["source"])
    if source is None:
        return True
    try:
        parsed = json.loads(source)
    except ValueError:
        tag(event, options.get("tag_on_failure", ["_jsonparsefailure"]))
        return False
    put(event, options["target"], parsed)
    return True


def mutate_filter(event, options):
    # In this order, whatever the order of the settings.
    for old, new in options.get("rename", {}).items():
        if get(event, old) is not None:
            put(event, new, remove(event, old))
    for field, text in options.get("replace", {}).items():
        put(event, field, filled(event, text))
    for field, kind in options.get("convert", {}).items():
        value = get(event, field)
        if value is not None:
            assert kind == "integer", kind
            put(event, field, whole(value))
    gsub = options.get("gsub", [])
    for field, pattern, text in zip(gsub[::3], gsub[1::3], gsub[2::3]):
        if isinstance(get(event, field), str):
            put(event, field, re.sub(pattern.replace("\\z", "\\Z"), text, get(event, field)))
    for field in options.get("lowercase", []):
        if isinstance(get(event, field), str):
            put(event, field, get(event, field).lower())
    return True


def whole(value):
    if isinstance(value, str):
        found = re.match(r"\s*[+-]?\d+", value)
        return int(found[0]) if found else 0
    return int(value)


def date_filter(event, options):
    field, *formats = options["match"]
    value = get(event, field)
    if value is None:
        return False
    moment = None
    for form in formats:
        try:
            if form == "ISO8601":
                moment = datetime.datetime.fromisoformat(re.sub(r"\.(\d{6})\d+", r".\1", str(value)))
            elif form == "UNIX":
                moment = datetime.datetime.fromtimestamp(float(value), datetime.timezone.utc)
            else:
                assert form == "yyyy/MM/dd HH:mm:ss" and options["timezone"] == "UTC", form
                moment = datetime.datetime.strptime(value, "%Y/%m/%d %H:%M:%S")
            break
        except ValueError:
            continue
    if moment is None:
        tag(event, options.get("tag_on_failure", ["_dateparsefailure"]))
        return False
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.timezone.utc)
    event["@timestamp"] = moment.astimezone(datetime.timezone.utc).isoformat()
    return True


# Those of the patterns that come with Logstash which pipelines use.
PATTERNS = {"WORD": r"\b\w+\b", "POSINT": r"\b(?:[1-9][0-9]*)\b", "NONNEGINT": r"\b(?:[0-9]+)\b",
            "GREEDYDATA": r".*", "DATA": r".*?"}


def grok_filter(event, options):
    known = {**PATTERNS, **options.get("pattern_definitions", {})}
    fields = []

    def group(found):
        fields.append(found[2])
        return f"(?P<f{len(fields) - 1}>{known[found[1]]})"

    for source, pattern in options["match"].items():
        found = re.search(re.sub(r"%\{(\w+):([^{}]+)\}", group, pattern), get(event, source) or "")
        if not found:
            tag(event, options.get("tag_on_failure", ["_grokparsefailure"]))
            return False
        for number, field in enumerate(fields):
            value = found[f"f{number}"]
            old = get(event, field)
            # Without overwriting, both would stand there as a list.
            put(event, field, value if old is None or field in options.get("overwrite", []) else [old, value])
    return True


def translate_filter(event, options):
    known = options.get("dictionary")
    if known is None:
        known = event["@metadata"]["files"][os.path.basename(options["dictionary_path"])]
    value = get(event, options["source"])
    found = known.get(str(value), options.get("fallback")) if value is not None else None
    if found is not None:
        put(event, options["target"], found)
    return found is not None


def ruby_filter(event, options):
    """The one program that pipelines have."""
    if options["code"].startswith("text = event.to_json"):
        text = json.dumps({key: it for key, it in event.items() if key != "@metadata"})
        for key in [it for it in event if not it.startswith("@")]:
            del event[key]
        event["message"] = text
    else:
        raise ValueError("unknown program " + options["code"])
    return True


FILTERS = {"json": json_filter, "mutate": mutate_filter, "date": date_filter, "grok": grok_filter,
           "translate": translate_filter, "ruby": ruby_filter}


def run(event, steps):
    """Runs steps; a branch is a list of its own."""
    is_done = False
    for name, inside in steps:
        if name in ("if", "else if"):
            if name == "if":
                is_done = False
            if not is_done and holds(event, inside[:-1]):
                is_done = True
                run(event, inside[-1][0])
        elif name == "else":
            if not is_done:
                run(event, inside)
        else:
            options = settings("filter", name, inside)
            if FILTERS[name](event, options):
                for field, text in options.get("add_field", {}).items():
                    put(event, filled(event, field), filled(event, text))
                tag(event, options.get("add_tag", []))
                for field in options.get("remove_field", []):
                    remove(event, field)


# --- Conditions -----------------------------------------------------------------------


def holds(event, words):
    """Expressions with `and` and `or` between them, from left to right, `and` first."""
    words = list(words)
    alternatives = [[]]
    for word in words:
        if word == "or":
            alternatives.append([])
        elif word != "and":
            alternatives[-1].append(expression(event, word))
    return any(all(it) for it in alternatives)


def expression(event, words):
    if words[0] == "!":
        return not truth(event, words[1])
    if len(words) == 1:
        return truth(event, words[0])
    left, operator, right = words
    left = rvalue(event, left)
    if operator == "=~":
        return isinstance(left, str) and re.search(str(right), left) is not None
    right = rvalue(event, right)
    if operator == "==":
        return left == right
    if operator == "!=":
        return left != right
    if operator == ">=":
        return left is not None and left >= right
    raise ValueError(f"unknown operator {operator}")


def truth(event, word):
    return rvalue(event, word) not in (None, False)


def rvalue(event, word):
    return get(event, word) if isinstance(word, str) and word.startswith("[") else word


# --- Checks ---------------------------------------------------------------------------


def shipped(bundle, service, line):
    """An event as Filebeat ships it: the line, its file, its container's labels."""
    files = {}
    with open(os.path.join(bundle, "logstash", "teams.yml"), encoding="utf-8") as file:
        files["teams.yml"] = yaml.safe_load(file)
    return {
        "@timestamp": "2026-01-01T00:00:00+00:00",
        "@metadata": {"beat": "filebeat", "files": files},
        "message": line + "\n",
        "stream": "stdout",
        "log": {"offset": 0, "file": {"path": f"/var/lib/docker/containers/{CONTAINER}/{CONTAINER}-json.log"}},
        "docker": {"attrs": {"com.docker.compose.project": "x", "com.docker.compose.service": service}},
        "agent": {"type": "filebeat"}, "input": {}, "ecs": {"version": "8.0.0"}, "host": {"name": "h"},
    }


def document(bundle, steps, service, line):
    event = copy.deepcopy(shipped(bundle, service, line))
    run(event, steps)
    event.pop("@metadata")
    return event


def mapped(template, event, at=()):
    """The fields of a document that the template does not map, or maps otherwise."""
    wrong = []
    for key, value in event.items():
        properties = template["template"]["mappings"]["properties"]
        for parent in at:
            properties = properties[parent]["properties"]
        known = properties.get(key)
        path = ".".join((*at, key))
        if known is None:
            wrong.append(path)
        elif "properties" in known:
            wrong += mapped(template, value, (*at, key)) if isinstance(value, dict) else [path]
        elif known["type"] == "long" and not isinstance(value, int):
            wrong.append(f"{path} is no number")
        elif known["type"] in ("keyword", "wildcard", "match_only_text") and path != "tags" \
                and not isinstance(value, str):
            wrong.append(f"{path} is no text")
    return wrong


def bundle_service(bundle, technology=None):
    """A service of the bundle for lines of our own."""
    with open(os.path.join(bundle, "logstash", "teams.yml"), encoding="utf-8") as file:
        known = list(yaml.safe_load(file) or {})
    return known[0] if known else "orders"


ECS_LINE = {
    "@timestamp": "2026-02-03T04:05:06.789Z", "log.level": "INFO", "message": "order placed",
    "ecs.version": "8.11.0", "service.name": "liar", "trace.id": "a" * 32,
    "http.request.id": "trace-12345678", "http.request.method": "POST", "url.path": "/orders?card=1",
    "http.response.status_code": 503, "event.duration": 1234567, "error.type": "Timeout",
    "error.message": "gave up", "order.id": 7, "tags": ["evil"], "docker": {"attrs": {}},
}


def check_lines(bundle, steps, template):
    service = bundle_service(bundle)
    flat = document(bundle, steps, service, json.dumps(ECS_LINE))
    expected = {
        "[@timestamp]": "2026-02-03T04:05:06.789000+00:00", "[log][level]": "info",
        "[message]": "order placed", "[service][name]": service, "[trace][id]": "a" * 32,
        "[http][request][id]": "trace-12345678", "[http][request][method]": "POST",
        "[url][path]": "/orders", "[http][response][status_code]": 503,
        "[event][duration]": 1234567, "[event][outcome]": "failure",
        "[event][dataset]": f"{service}.access", "[error][type]": "Timeout",
        "[error][message]": "gave up", "[app][order.id]": 7, "[tags]": None, "[docker]": None,
        "[container][id]": CONTAINER, "[agent]": None, "[log][file]": None,
    }
    wrong = {key: get(flat, key) for key, it in expected.items() if get(flat, key) != it}
    report(not wrong, "a line of a service becomes a document", wrong)
    report(not mapped(template, flat), "each of its fields is mapped", mapped(template, flat))
    nested = {}
    for key, value in ECS_LINE.items():
        put(nested, key if key in ("tags", "docker") else f"[{key.replace('.', '][')}]", value)
    again = document(bundle, steps, service, json.dumps(nested))
    for it in (flat, again):
        it.pop("app")
    report(flat == again, "a line with nested names becomes the same", again)

    text = "2026-02-03 04:05:06.789 UTC [1] LOG:  database system is ready to accept connections"
    kept = document(bundle, steps, "unknown-db", text)
    report(kept["message"] == text and kept["tags"] == ["text"] and "app" not in kept
           and kept["event"]["dataset"] == "unknown-db.log" and not mapped(template, kept),
           "a line of a database is kept as it is", kept)
    broken = document(bundle, steps, "unknown", '{"message": "half')
    report(broken["message"] == '{"message": "half' and broken["tags"] == ["_jsonparsefailure", "text"]
           and not mapped(template, broken), "half a line of JSON is kept, with a tag", broken)
    late = document(bundle, steps, service, '{"@timestamp":"yesterday","message":"x"}')
    report(late["tags"] == ["_dateparsefailure"] and late["@timestamp"].startswith("2026-01-01"),
           "a time that is none leaves that of the container", late)


# What the programs document that an access line of theirs has.
SHAPES = {
    "DownstreamStatus": ("traefik", {
        "ClientHost": "127.0.0.1", "DownstreamContentSize": 12, "DownstreamStatus": 200, "Duration": 1500000,
        "RequestHost": "shop.example.com", "RequestMethod": "GET", "RequestPath": "/orders?x=1",
        "RequestContentSize": 0, "RouterName": "orders@file", "ServiceAddr": "10.0.0.2:8000",
        "StartUTC": "2026-02-03T04:05:06.123456789Z", "level": "info", "msg": "",
        "request_X-Request-Id": "trace-12345678", "request_User-Agent": "curl", "time": "2026-02-03T04:05:06Z",
    }),
}


def check_shapes(text, bundle, steps, template):
    for sign, (program, line) in SHAPES.items():
        if sign not in text:
            continue
        event = document(bundle, steps, "gateway", json.dumps(line))
        expected = {
            "[http][response][status_code]": 200, "[http][request][id]": "trace-12345678",
            "[http][request][method]": "GET", "[url][path]": "/orders", "[url][domain]": "shop.example.com",
            "[event][duration]": 1500000, "[client][ip]": "127.0.0.1", "[event][outcome]": "success",
            "[message]": "GET /orders 200",
            "[http][response][body][bytes]": 12, "[user_agent][original]": "curl", "[log][level]": "info",
        }
        wrong = {key: get(event, key) for key, it in expected.items() if get(event, key) != it}
        on_time = event["@timestamp"].startswith("2026-02-03T04:05:06.123")
        report(not wrong and on_time and not mapped(template, event),
               f"a line of {program} becomes a document", (wrong, event["@timestamp"], mapped(template, event)))
    if "NGINX_TIME" in text:
        line = "2026/02/03 04:05:06 [warn] 29#30: *1 upstream timed out"
        event = document(bundle, steps, "gateway", line)
        report(event["message"] == "*1 upstream timed out" and event["log"]["level"] == "warn"
               and event["@timestamp"] == "2026-02-03T04:05:06+00:00" and event["process"]["pid"] == 29
               and not mapped(template, event), "a line of nginx's error log becomes a document", event)


def check_real(bundle, steps, template, path):
    with open(path, encoding="utf-8") as file:
        lines = [it.rstrip("\n").split("\t", 1) for it in file]
    wrong = []
    access = 0
    for service, line in lines:
        event = document(bundle, steps, service, line)
        said = json.loads(line) if line.startswith("{") else None
        faults = mapped(template, event)
        if said and "http.response.status_code" in said:
            access += 1
            for field in ("http.response.status_code", "http.request.id", "event.duration", "http.request.method"):
                if get(event, f"[{field.replace('.', '][')}]") != said[field]:
                    faults.append(field)
            if event["service"]["name"] != service or not event["@timestamp"] > "2026-01-02":
                faults.append("service or time")
        if said is not None and set(event.get("tags", [])):
            faults.append(event["tags"])
        if faults:
            wrong.append((faults, line))
    report(lines and access and not wrong, f"{len(lines)} real lines become documents, {access} of requests", wrong[:2])


def main():
    bundle = sys.argv[1]
    folder = os.path.join(bundle, "logstash", "pipeline")
    with open(os.path.join(bundle, "logstash", "index-template.json"), encoding="utf-8") as file:
        template = json.load(file)
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        try:
            stages = parse(path)
            count = sum(check_options(stage, steps) for stage, steps in stages.items())
        except Exception as error:  # pylint: disable=broad-except
            report(False, f"{name} is understood", error)
            continue
        report(set(stages) == {"input", "filter", "output"}, f"{name}: {count} plugins with known options", stages.keys())
        if name.endswith("-dead-letters.conf"):
            event = {"@timestamp": "t", "@metadata": {"dead_letter_queue": {"reason": "mapping"}}, "trace": {"id": {}}}
            run(event, stages["filter"])
            event.pop("@metadata")
            report(json.loads(event["message"])["trace"] == {"id": {}} and event["error"]["message"] == "mapping"
                   and not mapped(template, event), "a dead letter becomes a text with its reason", event)
            continue
        with open(path, encoding="utf-8") as file:
            text = file.read()
        check_lines(bundle, stages["filter"], template)
        check_shapes(text, bundle, stages["filter"], template)
        if len(sys.argv) > 2:
            check_real(bundle, stages["filter"], template, sys.argv[2])
    sys.exit(1 if FAILED else 0)


if __name__ == "__main__":
    main()
