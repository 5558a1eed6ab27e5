# The linter of Dockerfiles.
# shellcheck shell=bash disable=SC2154,SC2329 # read by export.sh, which has the rest

check_dockerfile() { # PROJECT FOLDER NAME
  local folder=$2 name=$3 dockerfiles
  mapfile -t dockerfiles < <(find "$folder" -name Dockerfile -not -path "*/.meshboard/*" | sort)
  if [ ${#dockerfiles[@]} -gt 0 ] && have hadolint "$name: hadolint"; then
    check "$name: hadolint" hadolint "${dockerfiles[@]}"
  fi
  if [ ${#dockerfiles[@]} -gt 0 ] && have checkov "$name: checkov of Dockerfiles"; then
    check "$name: checkov of Dockerfiles" checkov --compact --quiet --skip-download --framework dockerfile -d "$folder/services"
  fi
}
