#!/usr/bin/env bash
# Builds Consul from its Go module, which the Go proxy hands out. Its hashes stand below or
# come from the checksum database, so nobody can hand out another program.
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
# The database does not know all of these everywhere.
cat >>go.sum <<'SUMS'
github.com/hashicorp/consul/envoyextensions v0.9.0 h1:cjCQQKHZTDfivjmMlzzDvpwudjSdlMyiT0rw/ExbJLk=
github.com/hashicorp/consul/envoyextensions v0.9.0/go.mod h1:1SqIWCjKtgbHU2ThOtznAxDktkbRCWm/wgNjIuDM/r0=
github.com/hashicorp/consul/proto-public v0.7.0 h1:eHnDLHh8kBDxJZS1fYHNoh/JPjLN7FAwu1vLXOa8QxE=
github.com/hashicorp/consul/proto-public v0.7.0/go.mod h1:0EVZbKUi8/w5l6gTi4GZdcvGMG9k/CCkPmZVxJEBRpA=
github.com/hashicorp/consul/troubleshoot v0.8.0 h1:bgOY5JMsBQmrlhmNz97v4CnSr0ppb7Ob2fwPeDAn3hQ=
github.com/hashicorp/consul/troubleshoot v0.8.0/go.mod h1:+9DFCMwOdlcHI3OWwnIajaUr35GDgD+9NwNi630hGIY=
SUMS
go build -mod=mod -ldflags "-X $module/version.GitDescribe=${version#v}" -o "$folder/consul" .
"$folder/consul" version
