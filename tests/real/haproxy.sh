#!/usr/bin/env bash
# Runs HAProxy on a configuration as it is, in a world where service names exist.
#
# usage: haproxy.sh HOSTS CONFIGURATION HAPROXY [OPTION...]
#
# HOSTS becomes /etc/hosts for this HAProxy alone (a mount namespace of its own, and a
# user namespace if the caller is not root). If RESOLV_CONF names a file, that becomes
# /etc/resolv.conf; without it nobody can be asked for names while HAProxy runs, and its
# servers are not told to. Where the system allows no namespaces, the names in a copy of
# the configuration are replaced instead.
set -euo pipefail

hosts=$1 configuration=$2 haproxy=$(command -v "$3")
shift 3
copy=$(mktemp)
cp "$configuration" "$copy"
[ -n "${RESOLV_CONF:-}" ] || sed -i 's/ resolvers names resolve-prefer ipv4$//' "$copy"

private=(unshare --mount --propagation private)
[ "$(id -u)" = 0 ] || private=(unshare --user --map-root-user --mount --propagation private)

# shellcheck disable=SC2016 # the inner shells expand it
if "${private[@]}" bash -c 'mount --bind /dev/null /etc/hosts' 2>/dev/null; then
  exec "${private[@]}" bash -c '
    mount --bind "$1" /etc/hosts
    [ -z "$2" ] || mount --bind "$2" /etc/resolv.conf
    shift 2
    exec "$@"' _ "$hosts" "${RESOLV_CONF:-}" "$haproxy" "$@" -f "$copy"
fi
sed -i 's/ resolvers names resolve-prefer ipv4$//' "$copy"
while read -r address names; do
  for name in $names; do
    sed -Ei "s/^( +server(-template)? .* )$name:/\1$address:/" "$copy"
  done
done <"$hosts"
exec "$haproxy" "$@" -f "$copy"
