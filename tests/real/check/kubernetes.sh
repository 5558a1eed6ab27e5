# kustomize builds it, the API's schemas take every resource, and a scanner finds nothing.
# shellcheck shell=bash disable=SC2154,SC2329 # read by export.sh, which has the rest

kustomizes() { # FOLDER OUT
  kubectl kustomize "$1" >"$2" 2>"$work/kustomize" || { cat "$work/kustomize"; return 1; }
  cat "$work/kustomize"
  [ ! -s "$work/kustomize" ]
}

# The schemas of the Gateway API are not among those it has, and only that may be unknown.
fits_schemas() { # FILE
  python3 - "$1" >"$work/core.yaml" <<'PYTHON' || return 1
import sys
documents = open(sys.argv[1], encoding="utf-8").read().split("\n---\n")
gateway = [it for it in documents if "apiVersion: gateway.networking.k8s.io/" in it]
print("\n---\n".join(it for it in documents if it not in gateway))
PYTHON
  kubernetes-validate --strict --quiet "$work/core.yaml" >"$work/schemas" 2>&1 || { cat "$work/schemas"; return 1; }
  cat "$work/schemas"
  ! grep -qE "WARN|ERROR" "$work/schemas"
}

# Beyond schemas: names, selectors that select, ports and volumes that are there.
hangs_together() { # FILE
  python3 "$here/kubernetes.py" "$1"
}

check_kubernetes() { # PROJECT FOLDER NAME
  local folder=$2/kubernetes name=$3
  have kubectl "$name: kustomize" || return 0
  check "$name: kustomize" kustomizes "$folder/overlays/production" "$work/kubernetes.yaml"
  if have kubernetes-validate "$name: schemas of Kubernetes"; then
    check "$name: schemas of Kubernetes" fits_schemas "$work/kubernetes.yaml"
  fi
  check "$name: Kubernetes resources fit one another" hangs_together "$work/kubernetes.yaml"
  if have yamllint "$name: kubernetes yamllint"; then
    check "$name: kubernetes yamllint" yamllint --strict -d "$yaml_rules" "$folder"
  fi
  # Of an image that only the design knows nobody can say whom it runs as; and one design
  # is flawed on purpose.
  case $(basename "$1" .meshboard.json) in numbers | flawed) return 0 ;; esac
  if have checkov "$name: checkov"; then
    # CKV_K8S_43, _15: images by digest, which nobody can make up, and pulled anew each time,
    # which only tags that move need. CKV_K8S_35: these variables name files. CKV_K8S_40: the
    # official images have low users. CKV_K8S_22: Kafka, Elasticsearch and Cassandra write
    # beside their configuration; a test holds it for our own code.
    check "$name: checkov" checkov --compact --quiet --skip-download --framework kubernetes \
      --file "$work/kubernetes.yaml" --skip-check CKV_K8S_43,CKV_K8S_15,CKV_K8S_35,CKV_K8S_40,CKV_K8S_22
  fi
}
