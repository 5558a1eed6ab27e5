"""nginx: the tree of its configuration, as crossplane sees it."""

import os

import crossplane

TARGET = "nginx"
GATEWAY = "nginx"


def read(folder):
    path = os.path.join(folder, "gateway", "nginx.conf")
    payload = crossplane.parse(path)
    if payload["status"] != "ok":
        raise ValueError(payload["errors"])
    http = one(payload["config"][0]["parsed"], "http")
    return {"http": http["block"], "path": os.path.relpath(path, folder)}


def all_of(block, name, *start):
    found = [it for it in block if it["directive"] == name]
    return [it for it in found if tuple(it["args"][: len(start)]) == start]


def one(block, name, *start):
    (found,) = all_of(block, name, *start)
    return found


def server(view, host):
    (found,) = [it for it in all_of(view["http"], "server") if one(it["block"], "server_name")["args"] == [host]]
    return found["block"]


def location(view, host="odd.example.com", *path):
    return one(server(view, host), "location", *(path or ("=", "/odd-orders")))["block"]


def said(name):
    """The words of a directive of the odd route, the same below its path and at it."""
    def get(view):
        exact, below = (one(location(view, "odd.example.com", *path), name)["args"]
                        for path in (("=", "/odd-orders"), ("/odd-orders/",)))
        if exact != below:
            raise ValueError(f"{exact} at the path, {below} below it")
        return exact[0] if len(exact) == 1 else exact
    return get


def peer(setting):
    """A setting of the server that the odd route passes on to."""
    def get(view):
        name = said("proxy_pass")(view).removeprefix("http://")
        words = one(one(view["http"], "upstream", name)["block"], "server")["args"]
        if setting is None:
            return words[0]
        return next(it for it in words[1:] if it.startswith(setting + "=")).split("=", 1)[1]
    return get


def refused(condition):
    """What the odd route answers where a condition holds."""
    def get(view):
        (found,) = [it for it in all_of(location(view), "if") if it["args"][0] == condition]
        return found["args"], one(found["block"], "return")["args"]
    return get


def rate(view):
    return [it for it in one(view["http"], "limit_req_zone")["args"] if "=" in it][-1]


def burst(view):
    return said("limit_req")(view)[1]


def origins(view):
    variable = one(location(view), "set", "$cors_origin")["args"][1]
    table = one(view["http"], "map", "$http_origin", variable)["block"]
    return [it["directive"] for it in table if it["directive"] != "default"]


def listens(view):
    return {one(it["block"], "listen")["args"][0] for it in all_of(view["http"], "server")}


def catalog_waits(view):
    return one(location(view, "_", "=", "/catalog"), "proxy_read_timeout")["args"][0]


EXPECTED = {
    "service.ports.number": (listens, {"8081"}),
    "dependency.timeout_ms": (catalog_waits, "1499ms"),
    "dependency.retries.count": (said("proxy_next_upstream_tries"), "4"),
    "dependency.breaker.consecutive_failures": (peer("max_fails"), "7"),
    "dependency.breaker.open_ms": (peer("fail_timeout"), "12s"),
    "dependency.bulkhead": (peer("max_conns"), "77"),
    "route.gateway": (lambda view: view["path"], "gateway/nginx.conf"),
    "route.host": (lambda view: one(server(view, "odd.example.com"), "server_name")["args"], ["odd.example.com"]),
    "route.path_prefix": (
        lambda view: [it["args"] for it in all_of(server(view, "odd.example.com"), "location") if it["args"][-1][1:4] == "odd"],
        [["=", "/odd-orders"], ["/odd-orders/"]],
    ),
    "route.methods": (
        refused("$request_method"),
        (["$request_method", "!~", "^(GET|HEAD|POST)$"], ["405"]),
    ),
    "route.service": (peer(None), "orders:5019"),
    "route.port": (peer(None), "orders:5019"),
    "route.strip_prefix": (said("rewrite"), [r"^/odd\\-orders/?(.*)$", "/$1", "break"]),
    "route.timeout_ms": (said("proxy_next_upstream_timeout"), "1237ms"),
    "route.body_limit_kib": (said("client_max_body_size"), "129k"),
    "route.rate_limit.requests_per_second": (rate, "rate=23r/s"),
    "route.rate_limit.burst": (burst, "burst=29"),
    "route.authentication": (refused("$http_authorization"), (["$http_authorization", "=", ""], ["401"])),
    "route.cors.origins": (origins, ["https://odd-origin.example.com"]),
    "route.cors.credentials": (
        lambda view: one(location(view), "set", "$cors_credentials")["args"][1],
        "true",
    ),
}
