# What ships and what parses logs. Filebeat is real; Logstash is in no registry, so its
# pipelines are parsed, their options compared with the plugins' references, and their
# filters run by a model on real lines.
# shellcheck shell=bash disable=SC2154,SC2329 # read by export.sh, which has the rest

# Certificates are not part of a bundle, and Filebeat wants to read some.
filebeat_takes() { # FOLDER
  local home=$work/filebeat-home
  mkdir -p "$home"
  [ -f "$home/filebeat.key" ] || openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=filebeat \
    -addext subjectAltName=DNS:filebeat -keyout "$home/filebeat.key" -out "$home/filebeat.crt" || return 1
  cp "$home/filebeat.crt" "$home/ca.crt"
  sed "s|/usr/share/filebeat/certs|$home|" "$1/filebeat/filebeat.yml" >"$home/filebeat.yml"
  filebeat test config -c "$home/filebeat.yml" --path.home "$home" --strict.perms=false
}

template_is_json() { # FOLDER
  python3 -m json.tool "$1/logstash/index-template.json" >"$work/template"
}

check_logstash() { # PROJECT FOLDER NAME
  local folder=$2 name=$3 lines=()
  [ -d "$folder/logstash" ] || return 0
  if have yamllint "$name: yaml"; then
    check "$name: logs yamllint" yamllint --strict -d "$yaml_rules" "$folder/logstash" "$folder/filebeat"
  fi
  check "$name: index template" template_is_json "$folder"
  if [ -f "$folder/gateway/nginx.conf" ] && have nginx "$name: log lines"; then
    if python3 "$here/log_lines.py" "$folder" >"$work/lines" 2>"$work/log"; then
      lines=("$work/lines")
    else
      say FAILED "$name: log lines of nginx" "$work/log"
    fi
  fi
  if python3 -c 'import logstash_pipeline_parser, yaml' 2>/dev/null; then
    check "$name: logstash pipelines" python3 "$here/logstash_model.py" "$folder" "${lines[@]}"
    if variant "$1" traefik "$work/traefik" 2>"$work/log"; then
      check "$name: logstash pipelines, Traefik" python3 "$here/logstash_model.py" "$work/traefik"
    else
      say FAILED "$name: export for Traefik" "$work/log"
    fi
    rm -rf "$work/traefik"
  else
    say FAILED "$name: logstash pipelines: logstash-pipeline-parser and PyYAML are not installed"
  fi
  if have filebeat "$name: filebeat"; then
    check "$name: filebeat test config" filebeat_takes "$folder"
    check "$name: filebeat" python3 "$here/filebeat.py" "$folder" "${lines[@]}"
  fi
}
