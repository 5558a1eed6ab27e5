#!/usr/bin/env python3
"""Kubernetes' API, by a real API server and etcd: `source: kubernetes`.

usage: kubernetes_api.py MESHBOARD FOLDER

MESHBOARD is built with `--features kubernetes`; FOLDER has `kube-apiserver` and `etcd`
(kubernetes_api.sh builds them). There is no node, so what a kubelet would say of pods is
written here; the API server checks it, keeps it and serves it as it does for everybody.
"""

import json
import os
import ssl
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

from common import finish, free_port, project, report
from sources import Watching, health, once, until

import gateway

SERVICES = {name: {"kind": "service"} for name in ("orders", "stock")}
READY = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}], "containerStatuses": [
    {"name": "main", "ready": True, "restartCount": 0, "image": "i", "imageID": "i",
     "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}}]}
CRASHING = {"phase": "Running", "conditions": [{"type": "Ready", "status": "False"}], "containerStatuses": [
    {"name": "main", "ready": False, "restartCount": 4, "image": "i", "imageID": "i",
     "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]}


class Cluster:
    """etcd and the API server, with an administrator and a user who may list pods alone."""

    def __init__(self, programs, folder):
        self.folder, self.port = folder, free_port()
        store, peer = free_port(), free_port()
        key = os.path.join(folder, "accounts.key")
        subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)
        tokens = os.path.join(folder, "tokens.csv")
        with open(tokens, "w", encoding="utf-8") as file:
            file.write("all,admin,1,system:masters\npods,viewer,2\n")
        self.etcd = self.start("etcd", [
            os.path.join(programs, "etcd"), "--data-dir", os.path.join(folder, "etcd"), "--unsafe-no-fsync",
            "--listen-client-urls", f"http://127.0.0.1:{store}", "--advertise-client-urls", f"http://127.0.0.1:{store}",
            "--listen-peer-urls", f"http://127.0.0.1:{peer}", "--initial-advertise-peer-urls", f"http://127.0.0.1:{peer}",
            "--initial-cluster", f"default=http://127.0.0.1:{peer}"])
        self.server = self.start("apiserver", [
            os.path.join(programs, "kube-apiserver"), "--etcd-servers", f"http://127.0.0.1:{store}",
            "--bind-address", "127.0.0.1", "--secure-port", str(self.port), "--cert-dir", os.path.join(folder, "certs"),
            "--service-account-issuer", "https://kubernetes.default.svc", "--service-account-key-file", key,
            "--service-account-signing-key-file", key, "--token-auth-file", tokens, "--authorization-mode", "RBAC",
            "--service-cluster-ip-range", "10.0.0.0/24", "--disable-admission-plugins", "ServiceAccount"])
        self.certificate = os.path.join(folder, "certs", "apiserver.crt")

    def start(self, name, command):
        with open(os.path.join(self.folder, f"{name}.log"), "wb") as log:
            return subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)

    def call(self, method, path, body=None, kind="application/json"):
        unchecked = ssl.create_default_context()
        unchecked.check_hostname = False
        unchecked.verify_mode = ssl.CERT_NONE
        request = urllib.request.Request(f"https://127.0.0.1:{self.port}{path}", method=method,
                                         data=None if body is None else json.dumps(body).encode(),
                                         headers={"Authorization": "Bearer all", "Content-Type": kind})
        with urllib.request.urlopen(request, timeout=10, context=unchecked) as answer:
            return json.loads(answer.read() or b"null") if path != "/readyz" else answer.status

    def create(self, path, body):
        return self.call("POST", path, body)

    def pod(self, name, namespace, labels, status, owner=None):
        owners = [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": owner, "uid": "1"}] if owner else []
        self.create(f"/api/v1/namespaces/{namespace}/pods", {
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": name, "labels": labels, "ownerReferences": owners},
            "spec": {"containers": [{"name": "main", "image": "i"}]}})
        self.say(name, namespace, status)

    def say(self, name, namespace, status):
        """What a kubelet would say of a pod."""
        self.call("PATCH", f"/api/v1/namespaces/{namespace}/pods/{name}/status", {"status": status},
                  "application/merge-patch+json")

    def kubeconfig(self, name, token, server=None):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            json.dump({
                "apiVersion": "v1", "kind": "Config", "current-context": "here",
                "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u", "namespace": "shop"}}],
                "clusters": [{"name": "c", "cluster": {"server": server or f"https://127.0.0.1:{self.port}",
                                                       "certificate-authority": self.certificate}}],
                "users": [{"name": "u", "user": {"token": token}}]}, file)
        os.environ["KUBECONFIG"] = path

    def stop(self):
        for process in (self.server, self.etcd):
            if process.poll() is None:
                gateway.stop(process)


def fill(cluster):
    for namespace in ("shop", "other"):
        cluster.create("/api/v1/namespaces", {"metadata": {"name": namespace}})
    for number in range(3):
        cluster.pod(f"orders-5c9-{number}", "shop", {"app": "orders"}, READY, "orders-5c9")
    cluster.pod("warehouse-0", "shop", {"app.kubernetes.io/name": "postgresql", "app": "stock"}, READY)
    cluster.pod("stock-0", "other", {"app": "stock"}, CRASHING)
    rules = "/apis/rbac.authorization.k8s.io/v1/namespaces/shop"
    cluster.create(f"{rules}/roles", {"metadata": {"name": "pods"}, "rules": [
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}]})
    cluster.create(f"{rules}/rolebindings", {
        "metadata": {"name": "pods"}, "subjects": [{"kind": "User", "name": "viewer", "apiGroup": "rbac.authorization.k8s.io"}],
        "roleRef": {"kind": "Role", "name": "pods", "apiGroup": "rbac.authorization.k8s.io"}})


def deployment(replicas):
    return {"metadata": {"name": "orders", "namespace": "shop"}, "spec": {
        "replicas": replicas, "selector": {"matchLabels": {"app": "orders"}},
        "template": {"metadata": {"labels": {"app": "orders"}},
                     "spec": {"containers": [{"name": "main", "image": "i"}]}}}}


def say_replicas(cluster, made):
    path = "/apis/apps/v1/namespaces/shop/deployments/orders"
    generation = cluster.call("GET", path)["metadata"]["generation"]
    cluster.call("PATCH", f"{path}/status", {"status": {"replicas": made, "observedGeneration": generation}},
                 "application/merge-patch+json")


def check(meshboard, cluster, file, wide):
    cluster.kubeconfig("admin.json", "all")
    said = once(meshboard, file)
    orders, stock = said["services"]["orders"], said["services"]["stock"]
    report((orders["health"], orders["instances"]["all"]) == ("up", 3), "pods are instances of their service", orders)
    report((stock["health"], stock["instances"]["all"]) == ("up", 1),
           "the context's namespace is asked about, and the first label that the design knows names the service", stock)
    stock = once(meshboard, wide)["services"]["stock"]
    report((stock["health"], stock["instances"]["all"]) == ("degraded", 2), "all namespaces, where that is wanted", stock)
    watching = Watching(meshboard, file, 60)
    try:
        watching.expects("ready pods are up", 10, health("orders", "up"))
        cluster.say("orders-5c9-1", "shop", CRASHING)
        watching.expects("one crashing pod of three degrades its service", 10, health("orders", "degraded"))
        raw = [it["raw"] for it in once(meshboard, file)["services"]["orders"]["instances"]["list"]]
        report("CrashLoopBackOff, 4 restarts" in raw, "why a pod is not ready is told", raw)
        cluster.say("orders-5c9-1", "shop", READY)
        watching.expects("ready again is up again", 10, health("orders", "up"))
        cluster.create("/apis/apps/v1/namespaces/shop/deployments", deployment(4))
        say_replicas(cluster, 3)
        watching.expects("a pod that a deployment could not make is missing", 10, health("orders", "degraded"))
        cluster.call("DELETE", "/apis/apps/v1/namespaces/shop/deployments/orders")
        watching.expects("a deployment that is gone misses nothing", 10, health("orders", "up"))
    finally:
        watching.stop()
    cluster.kubeconfig("viewer.json", "pods")
    said = once(meshboard, file)
    note = said["sources"]["cluster"]["note"] or ""
    report(said["services"]["orders"]["health"] == "up" and "may not be listed" in note,
           "who may list pods alone sees pods, and what is hidden is said", said["sources"])
    source = once(meshboard, wide)["sources"]["cluster"]
    report(source["reach"] == "auth-denied", "who may not list pods is told so", source)
    cluster.kubeconfig("nobody.json", "wrong")
    source = once(meshboard, file)["sources"]["cluster"]
    report(source["reach"] == "auth-denied", "a wrong token is told apart from an API server that is gone", source)
    cluster.kubeconfig("elsewhere.json", "all", "https://cluster.example.com:6443")
    error = once(meshboard, file).get("error", "")
    report("cluster.example.com" in error and "--allow" in error, "another API server needs consent", error)
    cluster.kubeconfig("admin.json", "all")
    gateway.stop(cluster.server)
    source = once(meshboard, file)["sources"]["cluster"]
    report(source["reach"] == "refused", "an API server that is gone is said to be gone", source)


def main():
    meshboard, programs = sys.argv[1:3]
    with tempfile.TemporaryDirectory(prefix="meshboard-cluster-") as folder:
        cluster = Cluster(programs, folder)
        try:
            is_up = until(60, lambda: cluster.call("GET", "/readyz") == 200)
            report(bool(is_up), "an API server runs", "not within 60 s")
            if is_up:
                fill(cluster)
                source = {"kind": "kubernetes", "interval_ms": 1000}
                file = project(SERVICES, {}, {"sources": {"cluster": source}}, folder)
                wide = project(SERVICES, {}, {"sources": {"cluster": {**source, "namespace": "*"}}},
                               tempfile.mkdtemp(dir=folder))
                check(meshboard, cluster, file, wide)
        finally:
            cluster.stop()
    finish()


if __name__ == "__main__":
    main()
