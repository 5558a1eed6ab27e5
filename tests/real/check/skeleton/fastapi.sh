# FastAPI: the first service of a design in full, every other by the compiler alone.
# shellcheck shell=bash disable=SC2154,SC2329 # read by export.sh, which has the rest

# The packages of a lock file, in an environment of their own.
fastapi_environment() { # FOLDER
  local folder=$1 lock
  lock=$(sha256sum "$folder/requirements-dev.txt" | cut -c1-16)
  fastapi_bin=$skeleton_cache/fastapi-$lock/bin
  [ ! -f "$fastapi_bin/../complete" ] || return 0
  rm -rf "$skeleton_cache/fastapi-$lock"
  python3 -m venv "$skeleton_cache/fastapi-$lock" &&
    (cd "$folder" && "$fastapi_bin/python" -m pip install --quiet --disable-pip-version-check \
      --require-hashes --only-binary=:all: -r requirements-dev.txt) &&
    touch "$fastapi_bin/../complete"
}

fastapi_lint() { "$fastapi_bin/ruff" check "$1" && "$fastapi_bin/ruff" format --check "$1"; }
fastapi_types() { (cd "$1" && "$fastapi_bin/mypy" --cache-dir "$skeleton_cache/mypy" app tests); }
fastapi_tests() { (cd "$1" && "$fastapi_bin/python" -m pytest -p no:cacheprovider); }
fastapi_job() { # FOLDER
  # With nobody to ask it succeeds, else it says that it could not.
  local addresses
  mapfile -t addresses < <(skeleton_addresses "$1")
  (cd "$1" && env "${addresses[@]}" "$fastapi_bin/python" -m app.job >"$work/job"; code=$?
    cat "$work/job"
    jq -es 'all(.["service.name"])' "$work/job" >"$work/jq" && [ $code -lt 2 ])
}

skeleton_fastapi() { # BUNDLE NAME
  local name=$2 folders folder
  mapfile -t folders < <(skeleton_folders "$1" app/design.py)
  [ ${#folders[@]} -gt 0 ] || return 0
  check "$name: FastAPI, compiled" python3 -m compileall -q -f "${folders[@]/%//app}" "${folders[@]/%//tests}"
  check "$name: FastAPI, install with hashes" fastapi_environment "${folders[0]}" || return 0
  # Names and texts of a design stand in every folder, so each is linted.
  check "$name: FastAPI, ruff" fastapi_lint_all "${folders[@]}"
  folder=$(skeleton_folders "$1" app/main.py | head -1)
  if [ -n "$folder" ]; then
    check "$name: FastAPI, mypy" fastapi_types "$folder"
    check "$name: FastAPI, pytest" fastapi_tests "$folder"
    # A program that ends well by SIGTERM says so with 143 unless it is a container's first.
    check "$name: FastAPI, started" skeleton_runs "$folder" 0,143 "$fastapi_bin/uvicorn" app.main:app \
      --host 127.0.0.1 --port '{port}' --no-server-header --timeout-graceful-shutdown 15
    check "$name: FastAPI, refuses what cannot be" skeleton_refuses "$folder" "$fastapi_bin/uvicorn" app.main:app --port 0
  fi
  folder=$(skeleton_folders "$1" app/job.py | head -1)
  if [ -n "$folder" ]; then
    # A job has fewer packages, and must do with them.
    check "$name: FastAPI job, install with hashes" fastapi_environment "$folder" || return 0
    check "$name: FastAPI job, mypy" fastapi_types "$folder"
    check "$name: FastAPI job, pytest" fastapi_tests "$folder"
    check "$name: FastAPI job, run" fastapi_job "$folder"
  fi
}

fastapi_lint_all() { # FOLDER...
  local folder failed_here=0
  for folder in "$@"; do fastapi_lint "$folder" || failed_here=1; done
  return $failed_here
}
