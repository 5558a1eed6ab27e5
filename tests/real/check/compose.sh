# Docker Compose's own parser and picture, its schema, its security linter, and YAML at its
# strictest.
# shellcheck shell=bash disable=SC2154,SC2329 # read by export.sh, which has the rest

# PyPI's docker-compose starter always ends with 0, so the program inside is called.
compose=$(python3 -c 'import compose, os; print(os.path.join(compose.__path__[0], "docker-compose"))' 2>/dev/null)
if [ -n "$compose" ] && [ -x "$compose" ]; then
  compose=("$compose")
elif docker compose version >/dev/null 2>&1; then
  compose=(docker compose)
else
  compose=()
fi

compose_is_fine() { # FOLDER
  "${compose[@]}" --project-directory "$1" --env-file "$1/.env.example" -f "$1/compose.yaml" \
    config --quiet 2>"$work/compose" || { cat "$work/compose"; return 1; }
  cat "$work/compose"
  [ ! -s "$work/compose" ]
}

# The rules that a design may break on purpose, each with its reason.
compose_lint_rules() { # PROJECT
  python3 - "$1" <<'PYTHON'
import json, sys
services = json.load(open(sys.argv[1], encoding="utf-8"))["services"]
rules = {"CL-0019": {"enabled": False, "reason": "a digest is added by whoever pulls an image first, never made up"}}
writes = [id for id, it in services.items() if it.get("technology") in ("cassandra", "elasticsearch", "kafka")]
# Nothing is known of what such an image needs, which a note of the export says.
foreign = [id for id, it in services.items()
           if ("image" in it or "build" in it) and it.get("technology") in (None, "", "another-proxy")]
keeps = {id: "nothing is known of what this image needs" for id in foreign}
rules["CL-0006"] = {"exclude_services": keeps}
rules["CL-0007"] = {"exclude_services": keeps | {id: "its start script writes its own settings" for id in writes}}
print(json.dumps({"rules": rules}))
PYTHON
}

compose_is_safe() { # PROJECT FOLDER
  compose_lint_rules "$1" >"$work/compose-lint.yml" || return 1
  compose-lint --strict-config --config "$work/compose-lint.yml" --fail-on low "$2/compose.yaml"
}

# Compose's own picture has the drawn calls, routes and start orders, and no other edge.
compose_is_as_drawn() { # PROJECT FOLDER
  "${compose[@]}" --project-directory "$2" --env-file "$2/.env.example" -f "$2/compose.yaml" alpha viz \
    >"$work/viz" 2>"$work/compose" || { cat "$work/compose"; return 1; }
  python3 - "$1" "$work/viz" <<'PYTHON'
import json, re, sys
design = json.load(open(sys.argv[1], encoding="utf-8"))
with open(sys.argv[2], encoding="utf-8") as file:
    picture = set(re.findall(r'"([^"]+)" -> "([^"]+)"', file.read()))
services = design["services"]
runs = {id for id, it in services.items()
        if it.get("kind") not in ("external", "client") or "image" in it or "build" in it}
calls = list(design.get("dependencies", {}).values())
def is_needed(it):
    sync = it.get("mode", "sync") == "sync"
    return it.get("hard", sync and "fallback" not in it) or it.get("access") in ("publish", "consume")
routes = {(it["gateway"], it["service"]) for it in design.get("routes", {}).values()}
order = {(id, other) for id, it in services.items() for other in it.get("starts_after", {})}
drawn = {(it["from"], it["to"]) for it in calls} | routes | order
needed = {(it["from"], it["to"]) for it in calls if is_needed(it)} | routes | order
needed = {(a, b) for a, b in needed if a != b and a in runs and b in runs}
needed = {(a, b) for a, b in needed if services[b].get("kind") != "job" or (a, b) in order}
def reached(start):
    seen, rest = set(), [start]
    while rest:
        after = {b for a, b in needed if a == rest[-1]} - seen
        rest.pop()
        seen |= after
        rest.extend(after)
    return seen
# In a circle nobody comes first.
missing = [it for it in needed - picture if it[0] not in reached(it[1])]
print("missing", sorted(missing), "not drawn", sorted(picture - drawn))
sys.exit(bool(missing or picture - drawn))
PYTHON
}

check_compose() { # PROJECT FOLDER NAME
  local project=$1 folder=$2 name=$3
  if [ ${#compose[@]} -eq 0 ]; then
    say FAILED "$name: docker compose is not installed"
  else
    check "$name: compose config" compose_is_fine "$folder"
    check "$name: compose starts in the drawn order" compose_is_as_drawn "$project" "$folder"
  fi
  if have yamllint "$name: yaml"; then
    check "$name: compose yamllint" yamllint --strict -d "$yaml_rules" "$folder/compose.yaml"
  fi
  if have check-jsonschema "$name: Compose's schema"; then
    check "$name: Compose's schema" check-jsonschema --builtin-schema vendor.compose-spec "$folder/compose.yaml"
  fi
  # An example of what is wrong with a design must stay wrong.
  if [ "${name##*/}" != flawed ] && have compose-lint "$name: compose-lint"; then
    check "$name: compose-lint" compose_is_safe "$project" "$folder"
  fi
  [ ! -f "$folder/compose.operations.yaml" ] || [ ${#compose[@]} -eq 0 ] || check "$name: compose config with operations" operations_are_fine "$folder"
}

operations_are_fine() { # FOLDER
  "${compose[@]}" --project-directory "$1" --env-file "$1/.env.example" -f "$1/compose.yaml" \
    -f "$1/compose.operations.yaml" config --quiet >"$work/compose" 2>&1 || { cat "$work/compose"; return 1; }
  cat "$work/compose"
  [ ! -s "$work/compose" ] && yamllint --strict -d "$yaml_rules" "$1/compose.operations.yaml"
}
