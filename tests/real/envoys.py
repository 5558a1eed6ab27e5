"""An Envoy to test: runs an exported configuration, and reads its own pages."""

import contextlib
import http.client
import json
import os
import tempfile

import envoy as package
import yaml

import gateway
import proxy

PROGRAM = os.path.join(package.__path__[0], "_bin", "envoy")


def clusters(configuration):
    """For each cluster the name of its service and the port it is called at."""
    found = {}
    for cluster in configuration["static_resources"]["clusters"]:
        endpoint = cluster["load_assignment"]["endpoints"][0]["lb_endpoints"][0]["endpoint"]
        address = endpoint["address"]["socket_address"]
        health = endpoint.get("health_check_config", {}).get("port_value")
        ports = {address["port_value"]} | ({health} if health else set())
        found[cluster["name"]] = (address["address"].removesuffix(".internal"), ports)
    return found


def admin(port, path):
    """What Envoy says of itself; nothing while it does not answer."""
    connection = http.client.HTTPConnection(gateway.GATEWAY, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().read().decode()
    except OSError:
        return ""
    finally:
        connection.close()


@contextlib.contextmanager
def running(text, addresses):
    """Runs Envoy; gives its folder, the ports of its listeners and that of its pages."""
    configuration = yaml.safe_load(text)
    admin_port = configuration["admin"]["address"]["socket_address"]["port_value"]
    listeners = [it["address"]["socket_address"] for it in configuration["static_resources"]["listeners"]]
    for address in [*listeners, configuration["admin"]["address"]["socket_address"]]:
        address["address"] = gateway.GATEWAY
        address["port_value"] = gateway.own_port(address["port_value"])
    with tempfile.TemporaryDirectory(prefix="meshboard-envoy-") as folder:
        path = os.path.join(folder, "envoy.yaml")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(configuration, file)
        command = [PROGRAM, "-c", path, "-l", "warn", "--concurrency", "1", "--disable-hot-restart",
                   "--file-flush-interval-msec", "50"]
        with proxy.running(command, folder, addresses, lambda: admin(admin_port, "/ready") == "LIVE\n"):
            yield folder, [it["port_value"] for it in listeners], admin_port
