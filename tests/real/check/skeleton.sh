# Skeletons, by the tools of their own languages, as the generated workflow calls them; then
# the service itself, started, asked and ended. One file a stack in skeleton/: each defines
# skeleton_STACK BUNDLE NAME and finds the services of its stack in the bundle.
# shellcheck shell=bash disable=SC2034,SC2154,SC2329 # read by export.sh and the stacks

# What a run installs is kept here, by the lock file it was installed from.
skeleton_cache=${TMPDIR:-/tmp}/meshboard-skeletons
skeleton_stacks=()
for part in "$here"/check/skeleton/*.sh; do
  # shellcheck disable=SC1090 # one of several
  source "$part"
  skeleton_stacks+=("$(basename "$part" .sh)")
done

# The folders of a bundle's services that have this file.
skeleton_folders() { # BUNDLE FILE
  local folder
  for folder in "$1"/services/*/; do
    [ ! -f "$folder$2" ] || printf '%s\n' "${folder%/}"
  done
}

# The addresses that a skeleton wants before it starts: nobody answers there.
skeleton_addresses() { # FOLDER
  local file
  for file in app/design.py src/design.js design.go src/design.rs src/main/java/app/Design.java; do
    [ ! -f "$1/$file" ] || grep -oE '"[A-Z0-9_]+_URL"' "$1/$file" | tr -d '"' | sort -u | sed 's|$|=http://127.0.0.1:1|'
  done
}

# Starts a service, asks it where it answers for itself, and asks it to end. All of its log
# must be JSON.
skeleton_runs() { # FOLDER PORT_VARIABLE COMMAND...
  local addresses
  mapfile -t addresses < <(skeleton_addresses "$1")
  (cd "$1" && env "${addresses[@]}" python3 "$here/skeleton_runs.py" "${@:2}")
}

# A number that cannot be, or the missing address of one that is needed, ends it at once, and
# one line of its log says which variable it is.
skeleton_refuses() { # FOLDER COMMAND...
  local folder=$1 addresses name variable code
  shift
  mapfile -t addresses < <(skeleton_addresses "$folder")
  # The address of one that is called; a store's is for whoever writes its client.
  name=$(cat "$folder"/{app/design.py,src/design.js,design.go,src/design.rs,src/main/java/app/Design.java} 2>/dev/null |
    sed -nE 's/.*(address=|"address": |address: |new Dependency\("[^"]*", "[^"]*", )"([A-Z0-9_]+_URL)".*/\2/p' | head -1)
  # One that calls nobody has nothing to refuse.
  [ -n "$name" ] || return 0
  for variable in "${name%_URL}_TIMEOUT_MS=0" "${name%_URL}_TIMEOUT_MS=soon" "$name=nowhere"; do
    code=0
    (cd "$folder" && timeout 150 env "${addresses[@]}" "$variable" "$@") >"$work/refused" 2>&1 || code=$?
    echo "$variable: it ended with $code"
    cat "$work/refused"
    [ $code != 0 ] && [ $code -lt 100 ] && grep -q "\"message\".*${variable%%=*}\|\"error.message\".*${variable%%=*}" "$work/refused" || return 1
  done
}

check_skeleton() { # PROJECT BUNDLE NAME
  local stack
  # What does not depend on the design is the same everywhere: one that is usual and one
  # whose names are not are enough.
  case $3 in designs/shop | designs/awkward) ;; *) return 0 ;; esac
  # Designs side by side share what is installed and built, so one at a time.
  mkdir -p "$skeleton_cache"
  exec {turn}>"$skeleton_cache/turn"
  flock "$turn"
  for stack in "${skeleton_stacks[@]}"; do
    "skeleton_${stack//-/_}" "$2" "$3"
  done
  exec {turn}>&-
}
