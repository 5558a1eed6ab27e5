# Traefik itself: it has no command to check a file, so it is started and asked what it
# made of it; then traffic. Every design is also checked with Traefik for its gateways.
# shellcheck shell=bash disable=SC2154,SC2329 # read by export.sh, which has the rest

traefik_files() { # FOLDER NAME
  local file place
  for file in "$1"/traefik/traefik.yaml "$1"/traefik/*/traefik.yaml; do
    [ -f "$file" ] || continue
    place=$(dirname "$file")
    have yamllint "$2: yamllint" && check "$2: yamllint" yamllint -s -d "$yaml_rules" "$file" "$place/dynamic.yaml"
    have traefik "$2: traefik" && check "$2: traefik knows every router" "$here/traefik_caddy.py" traefik "$place"
  done
}

check_traefik() { # PROJECT FOLDER NAME
  local project=$1 name=$3 place
  traefik_files "$2" "$name"
  [ -x "$meshboard" ] && [ ! -d "$meshboard" ] || return
  local other=$work/traefik-variant
  rm -rf "$other"
  if ! variant "$project" traefik "$other" 2>"$work/log"; then
    say FAILED "$name: export for Traefik" "$work/log"
    return
  fi
  traefik_files "$other" "$name as Traefik"
  have traefik "$name: traffic" || return
  for place in "$other"/traefik "$other"/traefik/*/; do
    [ -f "$place/traefik.yaml" ] || continue
    check "$name: traffic through Traefik" "$here/traefik_caddy.py" traefik "$place" "$project"
  done
}
