# HAProxy itself, silent at its strictest, on what the design's gateways are drawn as and
# with every gateway made one; then traffic.
# shellcheck shell=bash disable=SC2154,SC2329 # read by export.sh, which has the rest

haproxy_is_fine() { # CONFIGURATION
  { echo "127.0.0.1 localhost"; sed -nE 's/^ +server(-template)? [^ ]+( [0-9]+)? ([a-z0-9.-]+):[0-9]+ .*/127.0.0.1 \3/p' "$1"; } |
    sort -u >"$work/haproxy-hosts"
  "$here/haproxy.sh" "$work/haproxy-hosts" "$1" haproxy -c -q -dW >"$work/haproxy" 2>&1 || {
    # Without -q it says what it minds.
    "$here/haproxy.sh" "$work/haproxy-hosts" "$1" haproxy -c -dW 2>&1
    return 1
  }
  cat "$work/haproxy"
  [ ! -s "$work/haproxy" ]
}

# A name that nobody has must not stay hidden until somebody calls.
haproxy_finds_typos() { # CONFIGURATION
  echo "127.0.0.1 localhost" >"$work/haproxy-hosts"
  ! "$here/haproxy.sh" "$work/haproxy-hosts" "$1" haproxy -c -q -dW
}

check_haproxy() { # PROJECT FOLDER NAME
  local project=$1 name=$3 file folder folders=("$2")
  have haproxy "$name: haproxy -c" || return 0
  if [ ! -d "$meshboard" ]; then
    folders+=("$work/haproxy-variant/$name")
    check "$name: as HAProxy" variant "$project" haproxy "${folders[1]}"
  fi
  for folder in "${folders[@]}"; do
    for file in "$folder"/haproxy/haproxy.cfg "$folder"/haproxy/*/haproxy.cfg; do
      [ -f "$file" ] || continue
      check "$name: haproxy -c -dW" haproxy_is_fine "$file"
      if grep -qE '^ +server' "$file"; then
        check "$name: haproxy finds unknown names" haproxy_finds_typos "$file"
      fi
    done
    if [ -f "$folder/haproxy/haproxy.cfg" ]; then
      check "$name: traffic through HAProxy" "$here/haproxy_traffic.py" "$project" "$folder"
    fi
  done
}
