#!/usr/bin/env python3
"""Containers through Docker Engine's API, as Podman serves it: `source: docker`.

usage: containers.py MESHBOARD

Real containers run, made from one static program; their health check fails and passes
again, one is killed, one belongs to another project. Podman's storage is a folder of its
own. Needs podman, runc and busybox-static; says so and stops where containers are
forbidden.
"""

import os
import shutil
import subprocess
import sys
import tempfile

from common import finish, project, report
from sources import Watching, health, once, until

import gateway

LIMITS = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1000:1000"]


class Podman:
    """Podman with a storage of its own and its API at a socket."""

    def __init__(self, folder):
        self.socket = os.path.join(folder, "engine.sock")
        storage = os.path.join(folder, "storage.conf")
        with open(storage, "w", encoding="utf-8") as file:
            file.write(f'[storage]\ndriver = "vfs"\ngraphroot = "{folder}/graph"\nrunroot = "{folder}/run"\n')
        self.environment = {**os.environ, "CONTAINERS_STORAGE_CONF": storage}
        self.command = ["podman", "--runtime", "runc", "--cgroup-manager", "cgroupfs", "--events-backend", "file"]
        root = os.path.join(folder, "root")
        os.makedirs(os.path.join(root, "bin"))
        os.makedirs(os.path.join(root, "tmp"))
        shutil.copy(shutil.which("busybox") or "/bin/busybox", os.path.join(root, "bin", "busybox"))
        for name in ("sh", "sleep", "test", "touch", "rm"):
            os.symlink("busybox", os.path.join(root, "bin", name))
        archive = shutil.make_archive(os.path.join(folder, "image"), "tar", root)
        self.run("import", archive, "localhost/tiny")
        self.service = subprocess.Popen([*self.command, "system", "service", "--time", "0", f"unix://{self.socket}"],
                                        env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(10, lambda: os.path.exists(self.socket))

    def run(self, *words, check=True):
        return subprocess.run([*self.command, *words], env=self.environment, check=check, capture_output=True,
                              text=True, timeout=120)

    def start(self, name, project_name, service):
        labels = ["--label", f"com.docker.compose.project={project_name}",
                  "--label", f"com.docker.compose.service={service}"]
        probe = ["--health-cmd", "test ! -e /tmp/sick", "--health-interval", "disable", "--health-retries", "1"]
        self.run("run", "--detach", "--name", name, *LIMITS, "--network", "host", "--stop-timeout", "0", *labels,
                 *probe, "localhost/tiny", "/bin/sleep", "600")

    def check(self, name):
        """Runs a container's health check now, as a timer would."""
        self.run("healthcheck", "run", name, check=False)

    def stop(self):
        self.run("rm", "--all", "--force", check=False)
        gateway.stop(self.service)


def environment(socket, **more):
    source = {"kind": "docker", "address": f"unix://{socket}", "interval_ms": 1000, "namespace": "shop", **more}
    return {"sources": {"engine": source}}


def check_watch(meshboard, podman, file):
    """Healthy, unhealthy and back; killed and back; two of three."""
    said = once(meshboard, file)
    orders = said["services"]["orders"]
    report((orders["health"], orders["instances"]["up"], orders["instances"]["all"]) == ("up", 2, 2),
           "containers of a Compose project are instances of its services", orders)
    report(said["sources"]["engine"]["all"] == 3, "containers of another project do not count", said["sources"])
    watching = Watching(meshboard, file, 90)
    try:
        watching.settle()
        podman.run("exec", "shop-orders-1", "/bin/touch", "/tmp/sick")
        podman.check("shop-orders-1")
        watching.expects("one unhealthy container of two degrades its service", 10, health("orders", "degraded"))
        podman.run("exec", "shop-orders-2", "/bin/touch", "/tmp/sick")
        podman.check("shop-orders-2")
        watching.expects("all containers unhealthy is down", 10, health("orders", "down"))
        for name in ("shop-orders-1", "shop-orders-2"):
            podman.run("exec", name, "/bin/rm", "/tmp/sick")
            podman.check(name)
        watching.expects("healthy again is up again", 10, health("orders", "up"))
        podman.run("kill", "stock")
        watching.expects("a killed container is down", 10, health("stock", "down"))
        podman.run("start", "stock")
        podman.check("stock")
        watching.expects("a container that was started again is up", 10, health("stock", "up"))
    finally:
        watching.stop()


def main():
    meshboard = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="meshboard-containers-") as folder:
        podman = Podman(folder)
        try:
            podman.start("shop-orders-1", "shop", "orders")
            podman.start("shop-orders-2", "shop", "orders")
            podman.start("stock", "shop", "stock")
            podman.start("elsewhere", "other", "stock")
            for name in ("shop-orders-1", "shop-orders-2", "stock", "elsewhere"):
                podman.check(name)
            services = {"orders": {"kind": "service"}, "stock": {"kind": "service"}}
            file = project(services, {}, environment(podman.socket), folder)
            check_watch(meshboard, podman, file)
            podman.service.terminate()
            podman.service.wait(10)
            engine = once(meshboard, file)["sources"]["engine"]
            report(engine["reach"] != "ok", "an engine that is gone is said to be gone", engine)
        except subprocess.CalledProcessError as error:
            report(False, "containers run here", error.stderr.strip())
        finally:
            podman.stop()
    finish()


if __name__ == "__main__":
    main()
