# The linters of workflows, with the shell inside them.
# shellcheck shell=bash disable=SC2154,SC2329 # read by export.sh, which has the rest

# actionlint wants a checkout, and does not know the inputs of an action at a commit.
workflow_is_fine() { # FOLDER
  rm -rf "$work/checkout"
  mkdir -p "$work/checkout/.github/workflows"
  git -C "$work/checkout" init --quiet
  cp "$1/.github/workflows/ci.yml" "$work/checkout/.github/workflows/ci.yml"
  sed -E 's/@[0-9a-f]{40} # (v[0-9]+).*/@\1/' "$1/.github/workflows/ci.yml" >"$work/checkout/.github/workflows/tags.yml"
  (cd "$work/checkout" && actionlint)
}

check_github_actions() { # PROJECT FOLDER NAME
  local folder=$2 name=$3 schema
  [ -f "$folder/.github/workflows/ci.yml" ] || return 0
  if have yamllint "$name: yaml"; then
    check "$name: workflow yamllint" yamllint --strict -d "$yaml_rules" "$folder/.github/workflows/ci.yml"
  fi
  if have check-jsonschema "$name: GitHub's schema"; then
    for schema in vendor.github-workflows custom.github-workflows-require-timeout; do
      check "$name: $schema" check-jsonschema --builtin-schema "$schema" "$folder/.github/workflows/ci.yml"
    done
  fi
  if have check-jsonschema "$name: Dependabot's schema"; then
    check "$name: Dependabot's schema" check-jsonschema --builtin-schema vendor.dependabot "$folder/.github/dependabot.yml"
  fi
  if have yamllint "$name: yaml"; then
    check "$name: Dependabot yamllint" yamllint --strict -d "$yaml_rules" "$folder/.github/dependabot.yml"
  fi
  if have actionlint "$name: actionlint" && have shellcheck "$name: shellcheck"; then
    check "$name: actionlint and shellcheck" workflow_is_fine "$folder"
  fi
  if have zizmor "$name: zizmor"; then
    check "$name: zizmor" zizmor --offline --quiet --persona=auditor "$folder/.github"
  fi
}
