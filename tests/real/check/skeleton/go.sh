# Skeletons in Go: the commands of the exported workflow, then the program itself.
# shellcheck shell=bash
# shellcheck disable=SC2016,SC2154 # for the inner shell; set by export.sh

go_service() { # FOLDER NAME
  local copy=$work/skeleton-go
  have go "$2: Go skeleton" || return
  rm -rf "$copy"
  cp -r "$1" "$copy"
  check "$2: gofmt and go vet" bash -c 'cd "$1" && test -z "$(gofmt -l .)" && go vet ./...' _ "$copy"
  check "$2: go test" bash -c 'cd "$1" && go test -race ./...' _ "$copy"
  check "$2: go build" bash -c 'cd "$1" && CGO_ENABLED=0 go build -trimpath -o service . && go build ./...' _ "$copy"
  check "$2: every dependency of go.mod is in go.sum" bash -c 'cd "$1" && go mod verify && go mod tidy -diff' _ "$copy"
  [ -x "$copy/service" ] || return
  check "$2: refuses what cannot be" skeleton_refuses "$copy" env PORT=0 "$copy/service"
  if [ -e "$copy/server.go" ]; then
    value() { sed -n "s/^const $1 = \"\(.*\)\"$/\1/p" "$copy/design.go"; }
    METRICS_PAGE=$work/skeleton-go.prom check "$2: it serves and stops" python3 "$here/check/skeleton/serving.py" \
      "$copy/design.go" "$(value healthPath)" "$(value metricsPath)" "$copy/service"
    if have promtool "$2: metrics"; then
      check "$2: promtool check metrics" bash -c 'promtool check metrics <"$1"' _ "$work/skeleton-go.prom"
    fi
  else
    check "$2: it runs once" skeleton_runs_once "$copy" "$copy/service"
  fi
}

# Nobody answers it, so that one that needs somebody fails, and says so.
skeleton_runs_once() { # FOLDER COMMAND...
  local addresses code=0
  mapfile -t addresses < <(skeleton_addresses "$1")
  shift
  env "${addresses[@]}" "$@" >"$work/once.json" || code=$?
  jq -es 'all(.[]; has("@timestamp") and has("log.level")) and any(.[]; .message == "done")' "$work/once.json" || return 1
  [ "$code" = 0 ] || { [ "$code" = 1 ] && grep -q 'call failed' "$work/once.json"; }
}

# The first two of a design: one of them may be a job.
skeleton_go() { # BUNDLE NAME
  local folders folder
  mapfile -t folders < <(skeleton_folders "$1" go.mod | head -2)
  for folder in "${folders[@]}"; do
    go_service "$folder" "$2, $(basename "$folder")"
  done
}
