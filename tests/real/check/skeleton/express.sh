# Express: the first service of a design in full, every other by the parser alone.
# shellcheck shell=bash disable=SC2154,SC2329 # read by export.sh, which has the rest

# The packages of a lock file, in a folder of their own; a service's folder links to them.
express_modules() { # FOLDER
  local folder=$1 lock modules
  lock=$(sha256sum "$folder/package-lock.json" | cut -c1-16)
  modules=$skeleton_cache/express-$lock
  if [ ! -f "$modules/complete" ]; then
    rm -rf "$modules"
    mkdir -p "$modules" && cp "$folder/package.json" "$folder/package-lock.json" "$modules" &&
      (cd "$modules" && npm ci --ignore-scripts --no-audit --no-fund) && touch "$modules/complete" || return 1
  fi
  ln -sfn "$modules/node_modules" "$folder/node_modules"
}

express_script() { (cd "$1" && npm run --silent "$2"); } # FOLDER SCRIPT
express_parses() { # FOLDER...
  local file
  while read -r file; do node --check "$file" || return 1; done < <(find "$@" -name '*.js' -path '*/src/*' -not -path '*/node_modules/*')
}
express_job() { # FOLDER
  local addresses
  mapfile -t addresses < <(skeleton_addresses "$1")
  (cd "$1" && env "${addresses[@]}" node src/job.js >"$work/job"; code=$?
    cat "$work/job"
    jq -es 'all(.["service.name"])' "$work/job" >"$work/jq" && [ $code -lt 2 ])
}

skeleton_express() { # BUNDLE NAME
  local name=$2 folders folder script
  mapfile -t folders < <(skeleton_folders "$1" src/design.js)
  [ ${#folders[@]} -gt 0 ] || return 0
  have node "$name: Express" || return 0
  have npm "$name: Express" || return 0
  check "$name: Express, parsed" express_parses "${folders[@]}"
  for folder in "$(skeleton_folders "$1" src/main.js | head -1)" "$(skeleton_folders "$1" src/job.js | head -1)"; do
    [ -n "$folder" ] || continue
    check "$name: Express, npm ci" express_modules "$folder"
    for script in lint typecheck test; do
      check "$name: Express, npm run $script in $(basename "$folder")" express_script "$folder" "$script"
    done
    if [ -f "$folder/src/main.js" ]; then
      check "$name: Express, started" skeleton_runs "$folder" 0 env HOST=127.0.0.1 'PORT={port}' node --enable-source-maps src/main.js
      check "$name: Express, refuses what cannot be" skeleton_refuses "$folder" env HOST=127.0.0.1 PORT=0 node src/main.js
    else
      check "$name: Express job, run" express_job "$folder"
    fi
    rm -f "$folder/node_modules"
  done
}
