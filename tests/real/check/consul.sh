# Consul's own check of every definition, then a real agent.
# shellcheck shell=bash disable=SC2154,SC2329 # read by export.sh, which has the rest

# A system's only server is told so in two lines whatever it does; nothing else is let through.
consul_is_fine() { # FILE...
  consul validate "$@" >"$work/consul" 2>&1 || { cat "$work/consul"; return 1; }
  grep -vxE 'Configuration is valid!|BootstrapExpect is set to 1; this is the same as Bootstrap mode\.|bootstrap = true: do not enable unless necessary' \
    "$work/consul" && return 1
  return 0
}

check_consul() { # PROJECT FOLDER NAME
  local folder=$2 name=$3 files
  [ -f "$folder/consul/agent.json" ] || return 0
  have consul "$name: consul" || return 0
  mapfile -t files < <(find "$folder/consul" -maxdepth 1 -name '*.json' | sort)
  check "$name: consul validate" consul_is_fine "${files[@]}"
  check "$name: a real Consul agent" "$here/consul_agent.py" "$folder"
}
