#!/usr/bin/env python3
"""What no schema of Kubernetes sees: whether the resources of a file fit one another.

usage: kubernetes.py FILE
"""

import re
import sys

import yaml

NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
SERVICE = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        resources = [it for it in yaml.safe_load_all(file) if it]
    wrong = []
    seen = set()
    pods = {}
    for it in resources:
        kind, name = it["kind"], it["metadata"]["name"]
        if (kind, name) in seen:
            wrong.append(f"{kind} {name} is there twice")
        seen.add((kind, name))
        pattern = SERVICE if kind == "Service" else NAME
        if not pattern.fullmatch(name) or len(name) > (52 if kind == "StatefulSet" else 63):
            wrong.append(f"{kind} {name}: no such name can be")
        template = it.get("spec", {}).get("template")
        if template:
            pods[name] = template
            wrong += [f"{kind} {name}: {line}" for line in wrong_with_pod(it, template)]
    for it in resources:
        wrong += wrong_with(it, resources, pods)
    for line in wrong:
        print(line)
    sys.exit(bool(wrong))


def wrong_with_pod(controller, template):
    spec = template["spec"]
    claims = {it["metadata"]["name"] for it in controller["spec"].get("volumeClaimTemplates", [])}
    volumes = {it["name"] for it in spec.get("volumes", [])}
    if len(volumes) != len(spec.get("volumes", [])) or volumes & claims:
        yield "two volumes have one name"
    for container in spec["containers"]:
        mounted = {it["name"] for it in container.get("volumeMounts", [])}
        if mounted != volumes | claims:
            yield f"volumes {volumes | claims} and mounts {mounted} differ"
        paths = [it["mountPath"] for it in container.get("volumeMounts", [])]
        if len(paths) != len(set(paths)):
            yield "two volumes are mounted at one path"
        requests, limits = container["resources"]["requests"], container["resources"]["limits"]
        if int(requests["cpu"][:-1]) > int(limits["cpu"][:-1]):
            yield "it asks for more than it may use"
    for key, value in {**controller["metadata"].get("labels", {}), **template["metadata"]["labels"]}.items():
        if not re.fullmatch(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?", value):
            yield f"label {key}: {value!r} can be no value"


def selected(labels, pods):
    return [name for name, it in pods.items() if labels.items() <= it["metadata"]["labels"].items()]


def wrong_with(it, resources, pods):
    kind, name, spec = it["kind"], it["metadata"]["name"], it.get("spec", {})
    where = f"{kind} {name}"
    if kind == "Service":
        chosen = selected(spec["selector"], pods)
        if len(chosen) != 1:
            yield f"{where} selects {chosen}"
        ports = {port["name"] for pod in chosen for port in pods[pod]["spec"]["containers"][0]["ports"]}
        for port in spec["ports"]:
            if port["targetPort"] not in ports:
                yield f"{where}: no port {port['targetPort']}"
    if kind in ("Deployment", "StatefulSet") and name not in selected(spec["selector"]["matchLabels"], pods):
        yield f"{where} does not select its own pods"
    if kind == "PodDisruptionBudget" and not selected(spec["selector"]["matchLabels"], pods):
        yield f"{where} selects nothing"
    if kind == "HorizontalPodAutoscaler":
        target = spec["scaleTargetRef"]
        known = [r for r in resources if (r["kind"], r["metadata"]["name"]) == (target["kind"], target["name"])]
        if not known or "replicas" in known[0]["spec"]:
            yield f"{where} scales nothing, or something with a number of its own"
        if spec["maxReplicas"] < spec["minReplicas"]:
            yield f"{where}: at most less than at least"
    if kind == "NetworkPolicy":
        for rule in spec.get("ingress", []) + spec.get("egress", []):
            for peer in rule.get("from", []) + rule.get("to", []):
                labels = peer.get("podSelector", {}).get("matchLabels", {})
                if "app.kubernetes.io/name" in labels and not selected(labels, pods):
                    yield f"{where} names {labels}, which is nobody"
    if kind == "HTTPRoute":
        services = {r["metadata"]["name"]: r for r in resources if r["kind"] == "Service"}
        for rule in spec["rules"]:
            for target in rule["backendRefs"]:
                ports = [it["port"] for it in services.get(target["name"], {"spec": {"ports": []}})["spec"]["ports"]]
                if target["port"] not in ports:
                    yield f"{where}: {target['name']} has no port {target['port']}"


if __name__ == "__main__":
    main()
