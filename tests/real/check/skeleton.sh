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

# Starts a service, asks it where it answers for itself, and asks it to end. All of its log
# must be JSON.
skeleton_runs() { # FOLDER PORT_VARIABLE COMMAND...
  (cd "$1" && python3 "$here/skeleton_runs.py" "${@:2}")
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
