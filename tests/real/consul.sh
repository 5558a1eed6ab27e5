#!/usr/bin/env bash
# Builds Consul from its Go module, which the Go proxy hands out and the checksum
# database vouches for.
#
# usage: consul.sh FOLDER
#
# Puts the program into FOLDER; one that is there already is kept.
set -euo pipefail

version=v1.22.0
mkdir -p "$1"
folder=$(cd "$1" && pwd)
if [ -x "$folder/consul" ] && "$folder/consul" version | grep -qx "Consul $version"; then
  exit
fi
work=$(mktemp -d)
trap 'chmod -R u+w "$work" && rm -rf "$work"' EXIT
cd "$work"
module=github.com/hashicorp/consul
cp -a "$(go mod download -json "$module@$version" | python3 -c 'import json, sys; print(json.load(sys.stdin)["Dir"])')" source
chmod -R u+w source
cd source
# Its own parts lie beside it in its repository, but not in the module.
for part in api envoyextensions proto-public sdk troubleshoot; do
  go mod edit -dropreplace "$module/$part"
done
go build -mod=mod -ldflags "-X $module/version.GitDescribe=${version#v}" -o "$folder/consul" .
"$folder/consul" version
