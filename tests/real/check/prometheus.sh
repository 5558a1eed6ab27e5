# Prometheus' own tool, at its strictest, and the unit tests that come with the alerts.
# shellcheck shell=bash disable=SC2154,SC2329 # read by export.sh, which has the rest

# Relative names of rule files are those of the folder.
prometheus_does() { # FOLDER COMMAND...
  (cd "$1/prometheus" && shift && "$@")
}

check_prometheus() { # PROJECT FOLDER NAME
  local folder=$2 name=$3
  [ -d "$folder/prometheus" ] || return 0
  if have yamllint "$name: yaml"; then
    check "$name: prometheus yamllint" yamllint --strict -d "$yaml_rules" "$folder/prometheus"
  fi
  if have promtool "$name: promtool"; then
    check "$name: promtool check config" prometheus_does "$folder" promtool check config --lint=all --lint-fatal prometheus.yml
    check "$name: promtool check rules" prometheus_does "$folder" promtool check rules --lint=all --lint-fatal recording.yml alerts.yml
    check "$name: promtool test rules" prometheus_does "$folder" promtool test rules alerts_test.yml
  fi
}
