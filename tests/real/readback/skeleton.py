"""Skeletons: what the service of the design says of itself once it is put together.

The orders service (FastAPI) tells its routes in its OpenAPI description; its declaration and
its settings are printed by Python itself, told what the exported compose.yaml tells it.
"""

import glob
import json
import os
import subprocess
import tempfile
import venv

TARGET = "skeleton"

# What the service prints of itself, in its own environment.
ASK = """
import asyncio, dataclasses, json, os
import httpx
from app.design import DESIGN
from app.settings import Settings
from app.main import app

async def openapi():
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://orders") as client:
        seen = {path: (await client.get(path)).status_code for path in (DESIGN.health_path, DESIGN.metrics_path)}
        return (await client.get("/openapi.json")).json(), seen

described, seen = asyncio.run(openapi())
settings = Settings.read(DESIGN, os.environ)
print("\\n" + json.dumps({
    "openapi": described,
    "seen": seen,
    "design": dataclasses.asdict(DESIGN),
    "links": {name: dataclasses.asdict(it) for name, it in settings.links.items()},
}))
"""


def environment(folder):
    """Python with the packages of the service's lock file."""
    import hashlib

    with open(os.path.join(folder, "requirements-dev.txt"), "rb") as file:
        lock = hashlib.sha256(file.read()).hexdigest()[:16]
    home = os.path.join(os.environ.get("TMPDIR", tempfile.gettempdir()), "meshboard-skeletons", f"fastapi-{lock}")
    python = os.path.join(home, "bin", "python")
    if not os.path.exists(os.path.join(home, "complete")):
        venv.create(home, clear=True, with_pip=True)
        install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "--only-binary=:all:"]
        subprocess.run([python, *install, "-r", "requirements-dev.txt"], cwd=folder, check=True)
        open(os.path.join(home, "complete"), "w", encoding="utf-8").close()
    return python


def told(folder):
    """What compose.yaml tells the service, as its own parser understands it."""
    import compose

    program = os.path.join(compose.__path__[0], "docker-compose")
    command = [program, "--project-directory", folder, "--env-file", os.path.join(folder, ".env.example"),
               "-f", os.path.join(folder, "compose.yaml"), "config", "--format", "json"]
    config = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return config["services"]["orders"]["environment"]


def read(folder):
    service = os.path.join(folder, "services", "orders")
    variables = {name: str(value) for name, value in told(folder).items()}
    printed = subprocess.run(
        [environment(service), "-c", ASK], cwd=service, check=True, capture_output=True, text=True,
        env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", **variables},
    ).stdout
    view = json.loads(printed.splitlines()[-1])
    view["folders"] = {
        os.path.basename(it): sorted(os.listdir(it)) for it in glob.glob(os.path.join(folder, "services", "*"))
    }
    return view


def link(field):
    return lambda view: view["design"]["links"][0][field]


def operation(view):
    return view["openapi"]["paths"]["/odd-orders/{id}"]["post"]


EXPECTED = {
    "service.name": (lambda it: it["openapi"]["info"]["title"], "Orders Display"),
    # A job would have no routes at all.
    "service.kind": (lambda it: list(it["openapi"]["paths"]), ["/odd-orders/{id}"]),
    "service.description": (lambda it: it["openapi"]["info"]["description"], "Takes an order and keeps it"),
    "service.technology": (lambda it: "pyproject.toml" in it["folders"]["orders"], True),
    "service.operations.name": (lambda it: operation(it)["summary"], "Place order"),
    "service.operations.method": (lambda it: list(it["openapi"]["paths"]["/odd-orders/{id}"]), ["post"]),
    "service.operations.path": (lambda it: operation(it)["parameters"][0]["name"], "id"),
    "service.operations.kind": (lambda it: operation(it)["tags"], ["command"]),
    "service.health.path": (lambda it: it["seen"]["/odd-health"], 200),
    "service.metrics_path": (lambda it: it["seen"]["/odd-metrics"], 200),
    "dependency.from": (lambda it: it["design"]["service"], "orders"),
    "dependency.to": (link("name"), "payments"),
    "dependency.protocol": (lambda it: it["links"]["payments"]["url"], "http://payments:5013"),
    "dependency.operation": (link("operation"), "odd-operation"),
    "dependency.hard": (link("hard"), True),
    "dependency.idempotent": (link("idempotent"), True),
    "dependency.fallback.description": (link("fallback"), "an odd fallback"),
}


def understood(view):
    """The numbers that the environment carries, as the service reads them."""
    it = view["links"]["payments"]
    breaker, retries = it["breaker"], it["retries"]
    return [
        it["timeout_s"], it["bulkhead"], *retries.values(), breaker["name"], breaker["failure_rate"],
        breaker["consecutive_failures"], breaker["window_calls"], breaker["window_s"], breaker["minimum_calls"],
        breaker["slow_call_s"], breaker["slow_call_rate"], breaker["open_s"], breaker["half_open_calls"],
    ]


NUMBERS = [
    0.733, 19, 2, 0.047, 0.977, True, "odd-breaker", 37.5, 6, 47, 9.001, 13, 0.523, 61.25, 8.123, 2,
]
# compose carries these; that the service understands them is seen here.
name, (get, expected) = "dependency.to", EXPECTED["dependency.to"]
EXPECTED[name] = (lambda it: (get(it), understood(it)), (expected, NUMBERS))
