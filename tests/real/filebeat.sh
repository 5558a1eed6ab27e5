#!/usr/bin/env bash
# Builds Filebeat from its Go module, whose hashes the checksum database vouches for.
#
# usage: filebeat.sh FOLDER
#
# Puts the program into FOLDER; one that is there already is kept. 7.17 is the newest that
# its module has a version for.
set -euo pipefail

version=v7.17.28
mkdir -p "$1"
folder=$(cd "$1" && pwd)
if [ -x "$folder/filebeat" ] && "$folder/filebeat" version | grep -q "version ${version#v} "; then
  exit
fi
work=$(mktemp -d)
trap 'chmod -R u+w "$work" && rm -rf "$work"' EXIT
cd "$work"
cp -a "$(go mod download -json "github.com/elastic/beats/v7@$version" | python3 -c 'import json, sys; print(json.load(sys.stdin)["Dir"])')" source
chmod -R u+w source
cd source
go build -mod=mod -o "$folder/filebeat" ./filebeat
"$folder/filebeat" version
