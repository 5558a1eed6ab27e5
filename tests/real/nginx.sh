#!/usr/bin/env bash
# Runs nginx on a configuration as it is, in a world where service names exist.
#
# usage: nginx.sh HOSTS CONFIGURATION FOLDER NGINX [OPTION...]
#
# HOSTS becomes /etc/hosts and FOLDER becomes /tmp, for this nginx alone (a mount
# namespace of its own, and a user namespace if the caller is not root). Where the system
# allows neither, the names and /tmp in the configuration are replaced instead. A caller
# who is not root has 10 put before ports below 1024.
# `nginx.sh --private` says by its exit code whether namespaces are allowed.
set -euo pipefail

private=(unshare --mount --propagation private)
as_user=()
if [ "$(id -u)" != 0 ]; then
  private=(unshare --user --map-root-user --mount --propagation private)
  # As root nginx would want to become nobody, who does not exist in there.
  as_user=(unshare --user --map-user=1000 --map-group=1000)
fi

is_private() {
  # shellcheck disable=SC2016 # the inner shell expands it
  "${private[@]}" bash -c 'mount --bind /dev/null /etc/hosts && exec "$@"' _ "${as_user[@]}" true 2>/dev/null
}

if [ "$1" = --private ]; then
  is_private
  exit
fi

hosts=$1 configuration=$2 folder=$3 nginx=$(command -v "$4")
shift 4
cp "$configuration" "$folder/nginx.conf"
if [ "$(id -u)" != 0 ]; then
  # Ports below 1024 are root's.
  sed -Ei 's/^( *listen ([0-9.]+:)?)([0-9]{1,3})([ ;])/\110\3\4/' "$folder/nginx.conf"
fi
if is_private; then
  # The program may lie in the /tmp that is about to go.
  case $(realpath "$nginx") in
    /tmp/*)
      cp "$nginx" "$folder/nginx-program"
      nginx=/tmp/nginx-program
      ;;
  esac
  # shellcheck disable=SC2016 # the inner shell expands it
  exec "${private[@]}" bash -c 'mount --bind "$1" /etc/hosts && mount --bind "$2" /tmp && cd /tmp && shift 2 && exec "$@"' \
    _ "$hosts" "$folder" "${as_user[@]}" "$nginx" -c /tmp/nginx.conf -p /tmp "$@"
fi
while read -r address names; do
  for name in $names; do
    sed -i "s/^\( *server \)$name:/\1$address:/" "$folder/nginx.conf"
  done
done <"$hosts"
sed -i "s| /tmp/| $folder/|" "$folder/nginx.conf"
exec "$nginx" -c "$folder/nginx.conf" -p "$folder" "$@"
