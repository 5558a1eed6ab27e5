# Every document by the program that draws it.
# shellcheck shell=bash disable=SC2154,SC2329 # read by export.sh, which has the rest

draws_dot() { # FILE
  dot -Tsvg "$1" -o "$work/dot.svg" 2>"$work/dot" || { cat "$work/dot"; return 1; }
  cat "$work/dot"
  [ ! -s "$work/dot" ]
}

reads_document() { # PROGRAM FILE
  java -cp "$JAVA_TOOLS/*" "$here/java/Documents.java" "$1" "$2"
}

draws_svg() { # FILE
  xmllint --noout "$1" && rsvg-convert "$1" -o "$work/picture.png"
}

check_docs() { # PROJECT FOLDER NAME
  local folder=$2/docs name=$3
  have dot "$name: Graphviz" && check "$name: Graphviz" draws_dot "$folder/architecture.dot"
  if have xmllint "$name: SVG" && have rsvg-convert "$name: SVG"; then
    check "$name: SVG" draws_svg "$folder/architecture.svg"
  fi
  if [ -d "${NODE_TOOLS:-}/node_modules/mermaid" ]; then
    check "$name: Mermaid" node "$here/node/mermaid.mjs" "$folder/architecture.mmd"
    # Tables are as wide as what they say.
    printf '{"config": {"MD013": false}}' >"$work/.markdownlint-cli2.jsonc"
    cp "$folder/ARCHITECTURE.md" "$work/ARCHITECTURE.md"
    check "$name: markdownlint" env -C "$work" "$NODE_TOOLS/node_modules/.bin/markdownlint-cli2" ARCHITECTURE.md
  else
    say FAILED "$name: Mermaid and markdownlint: NODE_TOOLS has none"
  fi
  if [ -d "${JAVA_TOOLS:-}" ]; then
    check "$name: Structurizr" reads_document structurizr "$folder/workspace.dsl"
    check "$name: PlantUML with C4" reads_document plantuml "$folder/architecture.puml"
  else
    say FAILED "$name: Structurizr and PlantUML: JAVA_TOOLS has none"
  fi
}
