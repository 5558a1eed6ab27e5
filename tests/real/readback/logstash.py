"""Logs: the fields that the parsed pipeline puts into the documents of its model."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

import logstash_model as model  # noqa: E402

TARGET = "logstash"


def read(bundle):
    """A document of each service, of a line that is JSON and of one that is none."""
    folder = os.path.join(bundle, "logstash", "pipeline")
    name = next(it for it in os.listdir(folder) if not it.endswith("-dead-letters.conf"))
    stages = model.parse(os.path.join(folder, name))
    output = model.settings("output", "elasticsearch", stages["output"][0][1])
    documents = {}
    for service in ("orders", "payments", "catalog"):
        for line in (json.dumps({"message": "x"}), "text"):
            documents[service, line == "text"] = model.document(bundle, stages["filter"], service, line)
    return {"documents": documents, "output": output}


EXPECTED = {
    "name": (lambda it: it["output"]["data_stream_dataset"], "odd_numbers"),
    "boundary.team": (lambda it: it["documents"]["payments", False]["labels"]["team"], "checkout-team"),
    "service.boundary": (lambda it: it["documents"]["orders", False]["labels"]["boundary"], "ordering"),
    "service.owner": (lambda it: it["documents"]["orders", False]["labels"]["team"], "orders-owner"),
    "service.log_format": (lambda it: [it["documents"][name, True]["tags"] for name in ("orders", "catalog")],
                           [["text", "not_json"], ["text"]]),
}
