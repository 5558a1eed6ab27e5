# Skeletons of Spring Boot: the command of the exported workflow, then the program itself.
# shellcheck shell=bash
# shellcheck disable=SC2016,SC2154 # for the inner shell; set by export.sh

spring_boot_service() { # FOLDER NAME
  local copy=$work/skeleton-spring jar
  have mvn "$2: Spring Boot skeleton" || return
  rm -rf "$copy"
  cp -r "$1" "$copy"
  check "$2: mvn verify" bash -c 'cd "$1" && mvn --batch-mode --no-transfer-progress verify' _ "$copy"
  jar=$copy/target/service-0.0.1-SNAPSHOT.jar
  [ -e "$jar" ] || return
  check "$2: refuses what cannot be" skeleton_refuses "$copy" env SERVER_PORT=0 java -jar "$jar"
  if [ -e "$copy/src/main/java/app/Operations.java" ]; then
    path() { sed -n "s/^  static final String $1 = \"\(.*\)\";$/\1/p" "$copy/src/main/java/app/Design.java"; }
    check "$2: it serves and stops" python3 "$here/check/skeleton/serving.py" \
      "$copy/src/main/java/app/Design.java" "$(path HEALTH_PATH)" "$(path METRICS_PATH)" java -jar "$jar"
  else
    check "$2: it runs once" skeleton_runs_once "$copy" java -jar "$jar"
  fi
}

# The first two of a design: one of them may be a job.
skeleton_spring_boot() { # BUNDLE NAME
  local folders folder
  mapfile -t folders < <(skeleton_folders "$1" pom.xml | head -2)
  for folder in "${folders[@]}"; do
    spring_boot_service "$folder" "$2, $(basename "$folder")"
  done
}
