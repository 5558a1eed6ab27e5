#!/usr/bin/env bash
# Really runs the exported pipelines: what they do for a service in FastAPI, and the checks
# of the configuration. GitHub's runs in act, GitLab's in gitlab-ci-local, both without an
# engine, on this machine's own programs.
#
# usage: pipelines.sh MESHBOARD [CODE]
#
# The service's code is the exported starter, or what lies in the folder CODE.
# Prints one line per pipeline, ok or FAILED; a program that is missing counts as failed.
# shellcheck disable=SC2329 # what is called by name
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
meshboard=$(realpath -e "$1") || exit 2
code=${2:-}
design=$here/../../examples/shop/shop.meshboard.json
service=orders
failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# What these programs keep, they keep below.
export HOME=$work/home XDG_CACHE_HOME=$work/home/.cache
mkdir -p "$HOME" "$work/bin"

check() { # WHAT COMMAND...
  local what=$1
  shift
  if "$@" >"$work/log" 2>&1; then
    printf 'ok     %s\n' "$what"
  else
    printf 'FAILED %s\n' "$what"
    sed 's/^/       /' "$work/log" | tail -60
    failed=1
  fi
}

have() { # PROGRAM
  command -v "$1" >/dev/null && return
  printf 'FAILED %s is not installed\n' "$1"
  exit 1
}

# The design exported for a CI, in a checkout.
checkout() { # CI
  python3 - "$design" "$1" >"$work/$1.meshboard.json" <<'PYTHON' || return 1
import json, sys
design = json.load(open(sys.argv[1], encoding="utf-8"))
design["ci"] = sys.argv[2]
print(json.dumps(design))
PYTHON
  "$meshboard" export "$work/$1.meshboard.json" --to "$work/$1" || return 1
  [ -z "$code" ] || cp -r "$code/." "$work/$1/services/$service"
  [ -f "$work/$1/services/$service/requirements-dev.txt" ] || { echo "services/$service has no code"; return 1; }
  # Its validator loads schemas from GitHub, which a check must not depend on.
  rm -rf "$work/$1/kubernetes"
  git -C "$work/$1" init --quiet --initial-branch main
  git -C "$work/$1" remote add origin git@git.example.com:group/project.git
  git -C "$work/$1" add --all
  git -C "$work/$1" -c user.name=check -c user.email=check@example.com commit --quiet --message=export
}

# The services' own Python, so that nothing is installed into the machine's.
python_of() { # FOLDER
  python3 -m venv "$1" && mkdir -p "$1/bin"
}

# Stands in for Docker: a container of a check is this machine.
stand_in_for_docker() {
  local compose
  compose=$(python3 -c 'import compose, os; print(os.path.join(compose.__path__[0], "docker-compose"))' 2>/dev/null)
  [ -x "$compose" ] || { echo "docker compose is not installed"; return 1; }
  cat >"$work/bin/docker" <<DOCKER
#!/usr/bin/env bash
set -euo pipefail
case \$1 in
  compose) shift; exec "$compose" "\$@" ;;
  run) [ "\${*: -1}" = -eu ] && exec sh -eu ;;
esac
echo "docker \$*: not in this test" >&2
exit 1
DOCKER
  chmod +x "$work/bin/docker"
}

# Runs a command where it may change what is in /etc: nobody else sees it.
privately() { # COMMAND...
  local private=(unshare --mount --propagation private)
  [ "$(id -u)" = 0 ] || private=(unshare --user --map-root-user --mount --propagation private)
  mkdir -p "$work/etc/nginx"
  echo "127.0.0.1 localhost" >"$work/etc/hosts"
  [ ! -d /etc/nginx ] || cp -r /etc/nginx/. "$work/etc/nginx/"
  # shellcheck disable=SC2016 # the inner shell expands it
  "${private[@]}" bash -c 'mount --bind "$1/etc/hosts" /etc/hosts && mount --bind "$1/etc/nginx" /etc/nginx && shift && exec "$@"' \
    _ "$work" "$@"
}

# An action that does nothing, for every action of the workflow: the runner is this machine.
act_options() {
  local uses
  mkdir -p "$work/stub"
  printf 'name: stub\ndescription: does nothing\nruns: {using: composite, steps: [{run: "true", shell: bash}]}\n' >"$work/stub/action.yml"
  while read -r uses; do
    printf -- '--local-repository\n%s=%s\n' "$uses" "$work/stub"
  done < <(sed -nE 's/.*uses: ([^ ]+).*/\1/p' "$work/github-actions/.github/workflows/ci.yml" | sort -u)
}

act_runs() { # JOB OPTION...
  local options
  mapfile -t options < <(act_options)
  (cd "$work/github-actions" && act push --workflows .github/workflows/ci.yml --platform ubuntu-24.04=-self-hosted \
    --action-offline-mode --job "$@" "${options[@]}")
}

gitlab_runs() { # JOB...
  (cd "$work/gitlab-ci" && "$here/gitlab-ci-local" --force-shell-executor "$@")
}

# A pipeline that ran no test has proven nothing.
passes() { # COMMAND...
  "$@" >"$work/said" 2>&1 || { cat "$work/said"; return 1; }
  cat "$work/said"
  grep -qE '[0-9]+ passed' "$work/said"
}

for program in act git hadolint nginx python3 rsync; do have "$program"; done
check "export for GitHub" checkout github-actions
check "export for GitLab" checkout gitlab-ci
[ $failed = 0 ] || exit 1

check "a Python of its own" python_of "$work/github-python"
check "a Python of its own" python_of "$work/gitlab-python"
PATH=$work/github-python/bin:$PATH \
  check "act runs the tests of $service" passes act_runs test-fastapi --matrix "service:$service"
PATH=$work/gitlab-python/bin:$PATH \
  check "gitlab-ci-local runs the tests of $service" passes gitlab_runs "test-fastapi: [$service]"

if privately true 2>/dev/null; then
  check "a stand-in for Docker" stand_in_for_docker
  export PATH=$work/bin:$PATH
  export -f act_options act_runs gitlab_runs
  export work here
  check "act runs the checks of the configuration" privately bash -c 'act_runs configuration'
  jobs=(check-compose check-nginx-gateway check-dockerfiles)
  [ ! -f "$work/gitlab-ci/prometheus/prometheus.yml" ] || jobs+=(check-prometheus)
  for job in "${jobs[@]}"; do
    # shellcheck disable=SC2016 # the inner shell expands it
    check "gitlab-ci-local runs $job" privately bash -c 'gitlab_runs "$1"' _ "$job"
  done
else
  echo "skip   checks of the configuration: no mount namespaces here"
fi
exit $failed
