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

# Another technology for every gateway of a design, exported.
variant() { # PROJECT TECHNOLOGY FOLDER
  python3 - "$1" "$2" >"$work/variant.meshboard.json" <<'PYTHON' || return 1
import json, sys
design = json.load(open(sys.argv[1], encoding="utf-8"))
for service in design["services"].values():
    if service.get("kind") == "gateway" and "image" not in service:
        service["technology"] = sys.argv[2]
print(json.dumps(design))
PYTHON
  "$meshboard" export "$work/variant.meshboard.json" --to "$3" >/dev/null
}

# shellcheck disable=SC2034 # read by the checks
yaml_rules='{extends: default, rules: {line-length: disable, document-start: disable, comments: {min-spaces-from-content: 1}}}'

# One file a target: each defines check_TARGET PROJECT FOLDER NAME.
targets=()
for file in "$here"/check/*.sh; do
  # shellcheck disable=SC1090 # one of several
  source "$file"
  targets+=("$(basename "$file" .sh)")
done

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
  for target in "${targets[@]}"; do
    "check_${target//-/_}" "$project" "$folder" "$label"
  done
done
exit $failed
