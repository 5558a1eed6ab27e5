# Caddy itself: the file as `caddy fmt` would write it, valid without a warning; then
# traffic. Every design is also checked with Caddy for its gateways.
# shellcheck shell=bash disable=SC2154,SC2329 # read by export.sh, which has the rest

is_formatted() { # CADDYFILE
  caddy fmt "$1" >"$work/formatted" || return 1
  diff "$1" "$work/formatted"
}

caddy_is_fine() { # CADDYFILE
  XDG_DATA_HOME=$work XDG_CONFIG_HOME=$work caddy validate --config "$1" --adapter caddyfile >"$work/caddy" 2>&1 || {
    cat "$work/caddy"
    return 1
  }
  cat "$work/caddy"
  ! grep -Eq '"(log\.)?level":"(warn|error)"' "$work/caddy"
}

caddy_files() { # FOLDER NAME
  local file
  for file in "$1"/caddy/Caddyfile "$1"/caddy/*/Caddyfile; do
    [ -f "$file" ] || continue
    have caddy "$2: caddy" || return
    check "$2: caddy fmt" is_formatted "$file"
    check "$2: caddy validate" caddy_is_fine "$file"
  done
}

check_caddy() { # PROJECT FOLDER NAME
  local project=$1 name=$3 place
  caddy_files "$2" "$name"
  [ -x "$meshboard" ] && [ ! -d "$meshboard" ] || return
  local other=$work/caddy-variant
  rm -rf "$other"
  if ! variant "$project" caddy "$other" 2>"$work/log"; then
    say FAILED "$name: export for Caddy" "$work/log"
    return
  fi
  caddy_files "$other" "$name as Caddy"
  have caddy "$name: traffic" || return
  for place in "$other"/caddy "$other"/caddy/*/; do
    [ -f "$place/Caddyfile" ] || continue
    check "$name: traffic through Caddy" "$here/traefik_caddy.py" caddy "$place" "$project"
  done
}
