# Grafana's schema as its SDK has it, and Prometheus' language.
# shellcheck shell=bash disable=SC2154,SC2329 # read by export.sh, which has the rest

check_grafana() { # PROJECT FOLDER NAME
  local folder=$2 name=$3
  [ -d "$folder/grafana" ] || return 0
  if have yamllint "$name: yaml"; then
    check "$name: grafana yamllint" yamllint --strict -d "$yaml_rules" "$folder/grafana/provisioning"
  fi
  if python3 -c 'import grafana_foundation_sdk, promql_parser' 2>/dev/null; then
    check "$name: grafana dashboard" python3 "$here/grafana.py" "$folder"
  else
    say FAILED "$name: grafana dashboard: grafana-foundation-sdk and promql-parser are not installed"
  fi
}
