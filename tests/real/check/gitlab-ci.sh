# GitLab's schema, the linters of pipelines, and a program that plans them as GitLab does.
# shellcheck shell=bash disable=SC2154,SC2329 # read by export.sh, which has the rest

# The same design for GitLab, exported into a checkout, where these programs look for it.
gitlab_checkout() { # PROJECT FOLDER
  if [ -d "$meshboard" ]; then
    cp -r "$2/." "$work/gitlab"
  else
    python3 - "$1" >"$work/gitlab.meshboard.json" <<'PYTHON' || return 1
import json, sys
design = json.load(open(sys.argv[1], encoding="utf-8"))
design["ci"] = "gitlab-ci"
print(json.dumps(design))
PYTHON
    "$meshboard" export "$work/gitlab.meshboard.json" --to "$work/gitlab" || return 1
  fi
  git -C "$work/gitlab" init --quiet --initial-branch main
  git -C "$work/gitlab" remote add origin git@gitlab.example.com:group/project.git
  git -C "$work/gitlab" add --all
  git -C "$work/gitlab" -c user.name=check -c user.email=check@example.com commit --quiet --message=export
}

# Every image that can be built is tested, built, scanned and published.
gitlab_plans_every_job() {
  (cd "$work/gitlab" && "$here/gitlab-ci-local" --list) >"$work/jobs" 2>&1 || { cat "$work/jobs"; return 1; }
  local file id stage missing=0
  for file in "$work"/gitlab/services/*/Dockerfile; do
    [ -f "$file" ] || continue
    id=$(basename "$(dirname "$file")")
    for stage in 'test-[a-z0-9-]*' image-build image-scan image-publish; do
      grep -qE "^$stage: \[$id\] " "$work/jobs" || { echo "no $stage for $id"; missing=1; }
    done
  done
  [ $missing = 0 ] && grep -q '^check-compose ' "$work/jobs"
}

gitlab_verifies() {
  (cd "$work/gitlab" && gitlab-ci-verify --no-lint-api)
}

check_gitlab_ci() { # PROJECT FOLDER NAME
  local name=$3 file=$work/gitlab/.gitlab-ci.yml
  rm -rf "$work/gitlab"
  check "$name: export for GitLab" gitlab_checkout "$1" "$2"
  [ -f "$file" ] || return 0
  if have yamllint "$name: yaml"; then
    check "$name: pipeline yamllint" yamllint --strict -d "$yaml_rules" "$file"
  fi
  if have check-jsonschema "$name: GitLab's schema"; then
    check "$name: GitLab's schema" check-jsonschema --builtin-schema vendor.gitlab-ci --data-transform gitlab-ci "$file"
  fi
  if have gitlab-ci-verify "$name: gitlab-ci-verify" && have shellcheck "$name: shellcheck"; then
    check "$name: gitlab-ci-verify and shellcheck" gitlab_verifies
  fi
  check "$name: gitlab-ci-local plans every job" gitlab_plans_every_job
}
