# Docker Compose's own parser, and YAML at its strictest.
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

check_compose() { # PROJECT FOLDER NAME
  local folder=$2 name=$3
  if [ ${#compose[@]} -eq 0 ]; then
    say FAILED "$name: docker compose is not installed"
  else
    check "$name: compose config" compose_is_fine "$folder"
  fi
  if have yamllint "$name: yaml"; then
    check "$name: compose yamllint" yamllint --strict -d "$yaml_rules" "$folder/compose.yaml"
  fi
  [ ! -f "$folder/compose.operations.yaml" ] || [ ${#compose[@]} -eq 0 ] || check "$name: compose config with operations" operations_are_fine "$folder"
}

operations_are_fine() { # FOLDER
  "${compose[@]}" --project-directory "$1" --env-file "$1/.env.example" -f "$1/compose.yaml" \
    -f "$1/compose.operations.yaml" config --quiet >"$work/compose" 2>&1 || { cat "$work/compose"; return 1; }
  cat "$work/compose"
  [ ! -s "$work/compose" ] && yamllint --strict -d "$yaml_rules" "$1/compose.operations.yaml"
}
