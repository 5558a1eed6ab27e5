#!/usr/bin/env bash
# Really builds the exported Dockerfile of a service in FastAPI and runs the image, without
# an engine: as its user, asked by its own health check, ended by its own signal.
#
# usage: container.sh MESHBOARD [CODE]
#
# The service's code is the exported starter, or what lies in the folder CODE. No registry
# of images is asked: a Debian tree with Python, made by debootstrap, stands in for the base
# image under its name. The tree is kept in target/tools/debian, or where DEBIAN_TREE says.
# Needs root, or user namespaces that buildah can use; without them it says so and ends.
# shellcheck disable=SC2329 # what is called by name
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
meshboard=$(realpath -e "$1") || exit 2
code=${2:-}
design=$here/../../examples/shop/shop.meshboard.json
service=orders
tree=${DEBIAN_TREE:-$here/../../target/tools/debian}
failed=0

if [ "$(id -u)" != 0 ]; then
  if command -v buildah >/dev/null && buildah unshare true 2>/dev/null; then
    exec buildah unshare "$0" "$@"
  fi
  echo "skip   the container: neither root nor user namespaces here"
  exit 0
fi

work=$(mktemp -d)
chmod 755 "$work"
export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot work
end() {
  [ ! -s "$work/runner" ] || kill "$(cat "$work/runner")" 2>/dev/null
  buildah_here rm --all >/dev/null 2>&1
  buildah_here rmi --all --force >/dev/null 2>&1
  rm -rf "$work"
}
trap end EXIT

check() { # WHAT COMMAND...
  local what=$1
  shift
  if "$@" >"$work/log" 2>&1; then
    printf 'ok     %s\n' "$what"
  else
    printf 'FAILED %s\n' "$what"
    sed 's/^/       /' "$work/log" | tail -40
    failed=1
  fi
}

have() { # PROGRAM
  command -v "$1" >/dev/null && return
  printf 'FAILED %s is not installed\n' "$1"
  exit 1
}

buildah_here() {
  buildah --root "$work/images" --runroot "$work/run" "$@"
}

# A bare Debian with Python, once for all runs.
debian() {
  [ ! -d "$tree" ] || return 0
  mkdir -p "$(dirname "$tree")"
  rm -rf "$tree.part"
  debootstrap --variant=minbase --include=ca-certificates,python3,python3-venv bookworm "$tree.part" &&
    mv "$tree.part" "$tree"
}

exported() {
  "$meshboard" export "$design" --to "$work/bundle" || return 1
  folder=$work/bundle/services/$service
  [ -z "$code" ] || cp -r "$code/." "$folder"
  [ -f "$folder/requirements.txt" ] || { echo "services/$service has no code"; return 1; }
}

# The tree under the name that the Dockerfile builds from, with this machine's trust and
# its way to packages.
base_image() {
  local container name
  name=$(sed -nE 's/^FROM ([^ ]+) AS runtime$/\1/p' "$folder/Dockerfile")
  container=$(buildah_here from scratch) || return 1
  buildah_here add --quiet "$container" "$tree" / || return 1
  buildah_here add --quiet "$container" /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt || return 1
  [ ! -f /etc/pip.conf ] || buildah_here add --quiet "$container" /etc/pip.conf /etc/pip.conf || return 1
  buildah_here run "$container" -- ln -s /usr/bin/python3 /usr/local/bin/python || return 1
  buildah_here commit --quiet --rm "$container" "docker.io/library/$name"
}

build() {
  buildah_here bud --pull-never --format docker --tag localhost/exported:check "$folder" || return 1
  buildah_here inspect --type image localhost/exported:check >"$work/image.json"
}

# What the image says of itself.
image_says() {
  python3 - "$work/image.json" "$work" <<'PYTHON'
import json, os, sys
with open(sys.argv[1], encoding="utf-8") as file:
    config = json.load(file)["Docker"]["config"]
print(json.dumps(config, indent=1))
health = config["Healthcheck"]
assert config["User"] == "10001:10001", config["User"]
assert config["StopSignal"] == "SIGTERM", config["StopSignal"]
assert health["Test"][0] == "CMD", "the health check needs a shell"
assert health["Interval"] > 0 and health["Timeout"] > 0 and health["Retries"] > 0, health
assert config["Entrypoint"][0] != "/bin/sh", "a shell stands before the program"
for name, words in (("entry", config["Entrypoint"]), ("health", health["Test"][1:])):
    with open(os.path.join(sys.argv[2], name), "w", encoding="utf-8") as file:
        file.write("".join(word + "\0" for word in words))
PYTHON
}

# A command in the container, as its own user.
inside() { # COMMAND...
  buildah_here run --user 10001:10001 "$(cat "$work/container")" -- "$@"
}

has_no_rights() {
  [ "$(inside id -u)" = 10001 ] || return 1
  local writable
  writable=$(inside find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /var/tmp -o -path /run/lock \) -prune \
    -o -writable ! -type l -print 2>/dev/null)
  [ -z "$writable" ] || { echo "it may write:"; echo "$writable"; return 1; }
}

is_well() {
  local health
  mapfile -d '' -t health <"$work/health"
  inside "${health[@]}"
}

# Runs the entry point, and asks it for its health until it is well.
starts() {
  local entry addresses step
  mapfile -d '' -t entry <"$work/entry"
  # It does not start without whom it needs; nobody answers there.
  mapfile -t addresses < <(grep -oE '"[A-Z0-9_]+_URL"' "$folder/app/design.py" | tr -d '"' | sort -u | sed 's|$|=http://127.0.0.1:1|')
  # shellcheck disable=SC2016 # the inner shell expands it
  inside env "${addresses[@]}" sh -c 'echo $$ > /tmp/pid; exec "$@"' _ "${entry[@]}" >"$work/service.log" 2>&1 &
  echo $! >"$work/runner"
  for step in $(seq 120); do
    if is_well >"$work/health.log" 2>&1; then
      echo "well after $step questions"
      return 0
    fi
    kill -0 "$(cat "$work/runner")" 2>/dev/null || break
    sleep 0.5
  done
  cat "$work/service.log" "$work/health.log"
  return 1
}

# Docker would kill it after the time that the compose file gives.
ends_in_time() {
  local seconds pid step
  seconds=$(sed -nE "/^  $service:/,/^  [a-z]/s/^    stop_grace_period: ([0-9]+)s$/\1/p" "$work/bundle/compose.yaml")
  pid=$(cat "$(buildah_here mount "$(cat "$work/container")")/tmp/pid")
  [ -n "$seconds" ] && kill -TERM "$pid" || return 1
  for step in $(seq $((seconds * 10))); do
    if ! kill -0 "$pid" 2>/dev/null; then
      echo "ended after $step tenths of a second"
      # What its starter waits for are its last lines.
      wait "$(cat "$work/runner")" 2>/dev/null
      : >"$work/runner"
      return 0
    fi
    sleep 0.1
  done
  cat "$work/service.log"
  return 1
}

# In a network of its own the service has every port for itself, and nobody reaches it.
runs() {
  python3 - <<'PYTHON'
import fcntl, socket, struct
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
    fcntl.ioctl(control, 0x8914, struct.pack("16sH14s", b"lo", 1, b""))  # up
PYTHON
  failed=0
  check "nobody is well before the start" bash -c '! is_well'
  check "it starts, and its own health check says it is well" starts
  check "it ends in time when it is asked to" ends_in_time
  exit "$failed"
}

for program in buildah debootstrap python3 unshare; do have "$program"; done
check "a Debian tree" debian
check "export" exported
[ $failed = 0 ] || exit 1
check "a base image from the tree" base_image
check "the exported Dockerfile is built" build
[ $failed = 0 ] || exit 1
check "the image has user, signal, health check and no shell before its program" image_says
buildah_here from --pull-never localhost/exported:check >"$work/container"
check "it runs as its user, who may write nothing but temporary files" has_no_rights
export folder service
export -f buildah_here check ends_in_time inside is_well runs starts
unshare --net bash -uo pipefail -c runs || failed=1
exit $failed
