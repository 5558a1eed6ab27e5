#!/usr/bin/env python3
"""Kubernetes' lists, as `kubectl proxy` would hand them on: `source: kubernetes`.

usage: kubernetes_lists.py MESHBOARD

No API server is run here: its answers are written after the API's reference, and served
as it serves them, page by page, with 403 and its status object for what may not be seen.
Any build of MESHBOARD will do where the source has an address; one with the feature
`kubernetes` is led there by a kubeconfig too.
"""

import http.server
import json
import os
import sys
import tempfile
import threading
import urllib.parse

from common import finish, project, report
from sources import Watching, health, once

SERVICES = {name: {"kind": "service"} for name in ("orders", "stock")}
READY = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}],
         "containerStatuses": [{"name": "main", "ready": True, "restartCount": 0}]}
CRASHING = {"phase": "Running", "conditions": [{"type": "Ready", "status": "False"}],
            "containerStatuses": [{"name": "main", "ready": False, "restartCount": 4,
                                   "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]}


class Api:
    """Lists of objects by kind, two to a page however many are asked for."""

    PAGE = 2

    def __init__(self):
        self.objects = {"pods": [], "deployments": [], "endpointslices": []}
        self.hidden = set()
        self.asked = []
        self.token = None
        api = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                is_known = api.token in (None, self.headers.get("Authorization"))
                status, body = api.answer(self.path) if is_known else (401, api.status(401, "Unauthorized"))
                text = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    @staticmethod
    def status(code, reason):
        return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "reason": reason,
                "code": code, "message": f"{reason}: who asks may not"}

    def answer(self, path):
        path, _, query = path.partition("?")
        self.asked.append(path)
        words = path.strip("/").split("/")
        kind = words[-1]
        if kind in self.hidden:
            return 403, self.status(403, "Forbidden")
        listed = self.objects.get(kind)
        if listed is None:
            return 404, self.status(404, "NotFound")
        if "namespaces" in words:
            namespace = words[words.index("namespaces") + 1]
            listed = [it for it in listed if it["metadata"]["namespace"] == namespace]
        start = int(urllib.parse.parse_qs(query).get("continue", ["0"])[0])
        end = start + self.PAGE
        more = {"continue": str(end)} if end < len(listed) else {}
        return 200, {"kind": "List", "metadata": {"resourceVersion": "1", **more}, "items": listed[start:end]}

    def pod(self, name, namespace, labels, status, owner=None):
        owners = {"ownerReferences": [{"kind": "ReplicaSet", "name": owner}]} if owner else {}
        pod = {"metadata": {"name": name, "namespace": namespace, "labels": labels, **owners}, "status": status}
        self.objects["pods"].append(pod)
        return pod


def check(meshboard, api, watched):
    shop = watched(api, "shop")
    orders = [api.pod(f"orders-5c9-{it}", "shop", {"app": "shop"}, READY, "orders-5c9") for it in range(3)]
    api.pod("warehouse-0", "shop", {"app.kubernetes.io/name": "postgresql", "app": "stock"}, READY)
    api.pod("stock-0", "other", {"app": "stock"}, CRASHING)
    said = once(meshboard, shop)
    found = {name: (it["health"], it["instances"]["all"]) for name, it in said["services"].items()}
    report(found == {"orders": ("up", 3), "stock": ("up", 1)},
           "pods of every page are instances, named by what the design knows", found)
    stock = once(meshboard, watched(api, "*"))["services"]["stock"]
    report((stock["health"], stock["instances"]["all"]) == ("degraded", 2), "all namespaces, where that is wanted", stock)
    watching = Watching(meshboard, shop, 40)
    try:
        watching.settle()
        orders[1]["status"] = CRASHING
        watching.expects("one crashing pod of three degrades its service", 10, health("orders", "degraded"))
        said = [it["raw"] for it in once(meshboard, shop)["services"]["orders"]["instances"]["list"]]
        report("CrashLoopBackOff, 4 restarts" in said, "why a pod is not ready is told", said)
        orders[1]["status"] = READY
        watching.expects("ready again is up again", 10, health("orders", "up"))
        api.objects["deployments"].append({
            "metadata": {"name": "orders", "namespace": "shop", "generation": 2}, "spec": {"replicas": 4},
            "status": {"replicas": 3, "observedGeneration": 2}})
        watching.expects("a pod that a deployment could not make is missing", 10, health("orders", "degraded"))
        api.objects["deployments"].clear()
        watching.expects("a deployment that is gone misses nothing", 10, health("orders", "up"))
    finally:
        watching.stop()
    api.hidden = {"deployments", "endpointslices"}
    said = once(meshboard, shop)
    note = said["sources"]["cluster"]["note"] or ""
    report(said["services"]["orders"]["health"] == "up" and "may not be listed" in note,
           "who may list pods alone sees pods, and what is hidden is said", said["sources"])
    api.hidden = {"pods"}
    source = once(meshboard, shop)["sources"]["cluster"]
    report(source["reach"] == "auth-denied", "who may not list pods is told so", source)
    api.asked.clear()
    source = once(meshboard, watched(api, "../../../secrets"))["sources"]["cluster"]
    report(source["reach"] == "blocked" and not api.asked, "a namespace leads nowhere else", [source, api.asked])


def kubeconfig(server, token):
    """Leads to a server as a user with this token, in the namespace shop."""
    path = os.path.join(tempfile.mkdtemp(prefix="meshboard-kubeconfig-"), "config")
    with open(path, "w", encoding="utf-8") as file:
        json.dump({
            "apiVersion": "v1", "kind": "Config", "current-context": "here",
            "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u", "namespace": "shop"}}],
            "clusters": [{"name": "c", "cluster": {"server": server}}],
            "users": [{"name": "u", "user": {"token": token}}]}, file)
    os.environ["KUBECONFIG"] = path


def check_kubeconfig(meshboard, api):
    """Who is asked, as whom and about which namespace, where the kubeconfig says so."""
    api.hidden.clear()
    api.token = "Bearer right"
    file = project(SERVICES, {}, {"sources": {"cluster": {"kind": "kubernetes", "interval_ms": 1000}}})
    kubeconfig(api.address, "right")
    said = once(meshboard, file)
    if "--features kubernetes" in (said["sources"]["cluster"]["note"] or ""):
        print("       this build asks only where an address is given", flush=True)
        return
    found = {name: (it["health"], it["instances"]["all"]) for name, it in said["services"].items()}
    report(found == {"orders": ("up", 3), "stock": ("up", 1)},
           "the current context says who is asked, as whom and about which namespace", said["sources"])
    kubeconfig(api.address, "wrong")
    source = once(meshboard, file)["sources"]["cluster"]
    report(source["reach"] == "auth-denied", "a wrong token is told apart from a server that is gone", source)
    kubeconfig("https://cluster.example.com:6443", "right")
    error = once(meshboard, file).get("error", "")
    report("--allow cluster.example.com" in error, "another API server needs consent", error)
    kubeconfig("http://127.0.0.1:1", "right")
    source = once(meshboard, file)["sources"]["cluster"]
    report(source["reach"] == "refused", "a context that leads to nobody is said to", source)
    api.token = None


def main():
    meshboard = sys.argv[1]
    api = Api()

    def watched(api, namespace):
        source = {"kind": "kubernetes", "address": api.address, "namespace": namespace, "interval_ms": 1000}
        return project(SERVICES, {}, {"sources": {"cluster": source}})

    check(meshboard, api, watched)
    check_kubeconfig(meshboard, api)
    api.server.shutdown()
    api.server.server_close()
    source = once(meshboard, watched(api, "shop"))["sources"]["cluster"]
    report(source["reach"] == "refused", "an API server that is gone is said to be gone", source)
    os.environ["KUBECONFIG"] = "/nowhere/config"
    source = once(meshboard, project(SERVICES, {}, {"sources": {"cluster": {"kind": "kubernetes"}}}))["sources"]["cluster"]
    report("kubeconfig" in source["note"] or "--features kubernetes" in source["note"],
           "without an address it is said what is missing", source)
    finish()


if __name__ == "__main__":
    main()
