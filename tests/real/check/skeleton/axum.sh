# Skeletons in Rust: the commands of the exported workflow, then the program itself.
# shellcheck shell=bash
# shellcheck disable=SC2016,SC2154 # for the inner shell; set by export.sh

axum_service() { # FOLDER NAME
  local copy=$work/skeleton-axum
  have cargo "$2: Rust skeleton" || return
  # One for all skeletons: they share every dependency.
  local -x CARGO_TARGET_DIR=${SKELETON_CARGO_TARGET_DIR:-$here/../../target/skeletons}
  rm -rf "$copy"
  cp -r "$1" "$copy"
  check "$2: cargo fmt and clippy" bash -c 'cd "$1" && cargo fmt --check &&
    cargo clippy --locked --all-targets -- --deny warnings' _ "$copy"
  check "$2: cargo test" bash -c 'cd "$1" && cargo test --locked' _ "$copy"
  check "$2: cargo build" bash -c 'cd "$1" && cargo build --locked && cp "$CARGO_TARGET_DIR/debug/service" .' _ "$copy"
  # shellcheck disable=SC2016 # jq's own variables
  check "$2: no crate needs a newer Rust than its image has" bash -c 'cd "$1" && cargo metadata --locked --format-version 1 |
    jq -e "[.packages[] | select(.rust_version != null) | {name, version: (.rust_version | split(\".\") | map(tonumber))} |
      select(.version[0:2] > [1, 85])] | length == 0"' _ "$copy"
  [ -x "$copy/service" ] || return
  check "$2: refuses what cannot be" skeleton_refuses "$copy" env PORT=0 "$copy/service"
  if [ -e "$copy/src/server.rs" ]; then
    value() { sed -n "s/^pub const $1: &str = \"\(.*\)\";$/\1/p" "$copy/src/design.rs"; }
    METRICS_PAGE=$work/skeleton-axum.prom check "$2: it serves and stops" python3 "$here/check/skeleton/serving.py" \
      "$copy/src/design.rs" "$(value HEALTH_PATH)" "$(value METRICS_PATH)" "$copy/service"
    if have promtool "$2: metrics"; then
      check "$2: promtool check metrics" bash -c 'promtool check metrics <"$1"' _ "$work/skeleton-axum.prom"
    fi
  else
    check "$2: it runs once" skeleton_runs_once "$copy" "$copy/service"
  fi
}

# The first two of a design: one of them may be a job.
skeleton_axum() { # BUNDLE NAME
  local folders folder
  mapfile -t folders < <(skeleton_folders "$1" Cargo.toml | head -2)
  for folder in "${folders[@]}"; do
    axum_service "$folder" "$2, $(basename "$folder")"
  done
}
