//! Which generated configuration is checked, each by the program that will read it.
//!
//! A check is a script for `sh` that runs as root in the program's own image, in a
//! checkout that may be read-only. What a design says reaches it as a variable only.

use std::collections::BTreeMap;

use crate::{
    export::bundle::{self, Gateway},
    model::{Model, ServiceId, technology},
};

/// Reads the compose file; it needs no engine for that.
const DOCKER_IMAGE: &str = "docker:28.5.1-cli";
/// Checks Dockerfiles.
const HADOLINT_IMAGE: &str = "hadolint/hadolint:v2.14.0-alpine";
/// Has kubectl with kustomize in it, and a validator with the schemas of Kubernetes.
const KUBERNETES_IMAGE: &str = "alpine/k8s:1.34.1";

/// A check of configuration.
#[derive(Debug)]
pub(in crate::export) struct Check {
    /// What its job is called: `check-nginx-edge`.
    pub(in crate::export) id: String,
    /// What its step is called.
    pub(in crate::export) title: String,
    /// The image it runs in.
    pub(in crate::export) image: String,
    /// The file without which there is nothing to check; empty where it is always there.
    pub(in crate::export) file: &'static str,
    /// Whether it loads anything.
    pub(in crate::export) is_online: bool,
    /// What it is told.
    pub(in crate::export) variables: Vec<(&'static str, String)>,
    /// The script.
    pub(in crate::export) script: &'static str,
}

/// Every check of a design's configuration.
pub(super) fn all(model: &Model, has_code: bool, notes: &mut Vec<String>) -> Vec<Check> {
    let mut checks = vec![plain("compose", "Compose", DOCKER_IMAGE, COMPOSE)];
    let mut hosts = hosts(model);
    for gateway in bundle::gateways(model) {
        let hosts = hosts.remove(gateway.id).unwrap_or_default();
        checks.extend(of_gateway(&gateway, &hosts, notes));
    }
    if has_code {
        let check = plain("dockerfiles", "Dockerfiles", HADOLINT_IMAGE, HADOLINT);
        checks.push(check);
    }
    let prometheus = technology::find("prometheus").and_then(|it| it.image);
    checks.push(Check {
        file: "prometheus/prometheus.yml",
        ..plain(
            "prometheus",
            "Prometheus",
            prometheus.unwrap_or("prom/prometheus"),
            PROMETHEUS,
        )
    });
    checks.push(Check {
        file: "kubernetes/base/kustomization.yaml",
        is_online: true,
        ..plain("kubernetes", "Kubernetes", KUBERNETES_IMAGE, KUBERNETES)
    });
    checks
}

/// Gateways whose program has no command that checks its configuration.
pub(super) fn unchecked(model: &Model) -> Vec<String> {
    let all = bundle::gateways(model);
    let all = all.iter().filter(|it| it.program.id == "traefik");
    let sentence = |it: &Gateway<'_>| {
        let title = it.program.title;
        format!(
            "No pipeline checks the configuration of {}: {title} has no command for that.",
            it.id
        )
    };
    all.map(sentence).collect()
}

fn plain(id: &str, title: &str, image: &str, script: &'static str) -> Check {
    Check {
        id: format!("check-{id}"),
        title: title.to_owned(),
        image: image.to_owned(),
        file: "",
        is_online: false,
        variables: Vec::new(),
        script,
    }
}

/// Names that a gateway's configuration looks up, by gateway.
fn hosts(model: &Model) -> BTreeMap<&ServiceId, Vec<String>> {
    let mut hosts: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for route in model.routes.values() {
        let target = model.services.get(&route.service);
        if target.is_some_and(|it| bundle::is_container(it)) {
            let names = hosts.entry(&route.gateway).or_default();
            names.push(bundle::host(&route.service));
        }
    }
    for names in hosts.values_mut() {
        names.sort_unstable();
        names.dedup();
    }
    hosts
}

fn of_gateway(gateway: &Gateway<'_>, hosts: &[String], notes: &mut Vec<String>) -> Option<Check> {
    let (id, program) = (gateway.id, gateway.program);
    let (file, script) = match program.id {
        "nginx" => ("nginx.conf", NGINX),
        "envoy" => ("envoy.yaml", ENVOY),
        "caddy" => ("Caddyfile", CADDY),
        "haproxy" => ("haproxy.cfg", HAPROXY),
        _ => return None,
    };
    let usual = technology::find(program.id).and_then(|it| it.image);
    let usual = usual.unwrap_or(program.id);
    let said = &gateway.service.image;
    if !said.is_empty() && !is_image_name(said) {
        notes.push(format!(
            "{id} is checked with {usual}: its own image has no usable name."
        ));
    }
    let image = if is_image_name(said) { said } else { usual };
    let mut check = plain(&format!("{}-{id}", program.id), "", image, script);
    check.title = format!("{} of {id}", program.title);
    let path = gateway.path(file);
    check.variables = vec![("CONFIGURATION", path), ("HOSTS", hosts.join(" "))];
    Some(check)
}

/// Whether a text can be nothing but the name of an image.
fn is_image_name(text: &str) -> bool {
    text.starts_with(|it: char| it.is_ascii_alphanumeric())
        && text
            .chars()
            .all(|it| it.is_ascii_alphanumeric() || "._-/:@".contains(it))
}

/// What it warns of ends the pipeline, too. The second file is laid over the first.
const COMPOSE: &str = "\
docker compose --env-file .env.example config --quiet > /tmp/said 2>&1 || { cat /tmp/said; exit 1; }
if [ -f compose.operations.yaml ]; then
  docker compose --env-file .env.example --file compose.yaml --file compose.operations.yaml \\
    config --quiet >> /tmp/said 2>&1 || { cat /tmp/said; exit 1; }
fi
cat /tmp/said
test ! -s /tmp/said
";

/// Names of services resolve only beside them, so here they are all this machine. The log
/// of requests goes to standard output, which a runner may have made a socket: nginx can
/// open a file only.
const NGINX: &str = "\
for host in ${HOSTS}; do
  echo \"127.0.0.1 ${host}\" >> /etc/hosts
done
cp \"${CONFIGURATION}\" /etc/nginx/nginx.conf
nginx -t > /tmp/said 2>&1 || { cat /tmp/said; exit 1; }
cat /tmp/said
if grep -F '[warn]' /tmp/said; then
  exit 1
fi
";

const ENVOY: &str = "\
envoy --mode validate --log-level warning --config-path \"${CONFIGURATION}\" > /tmp/said 2>&1 \\
  || { cat /tmp/said; exit 1; }
cat /tmp/said
if grep -F '[warning]' /tmp/said; then
  exit 1
fi
";

const CADDY: &str = "\
caddy validate --adapter caddyfile --config \"${CONFIGURATION}\"
caddy fmt --diff \"${CONFIGURATION}\"
";

/// With `-dW` a warning is an error.
const HAPROXY: &str = "\
for host in ${HOSTS}; do
  echo \"127.0.0.1 ${host}\" >> /etc/hosts
done
haproxy -c -dW -f \"${CONFIGURATION}\"
";

const HADOLINT: &str = "hadolint services/*/Dockerfile\n";

const PROMETHEUS: &str = "\
cd prometheus || exit 1
promtool check config --lint=all --lint-fatal prometheus.yml
if [ -f alerts.yml ]; then
  promtool check rules --lint=all --lint-fatal alerts.yml
fi
if [ -f alerts_test.yml ]; then
  promtool test rules alerts_test.yml
fi
";

const KUBERNETES: &str = "\
for folder in kubernetes/base kubernetes/overlays/*; do
  if [ -f \"${folder}/kustomization.yaml\" ]; then
    kubectl kustomize \"${folder}\" > /tmp/manifests
    kubeconform -strict -summary -ignore-missing-schemas /tmp/manifests
  fi
done
";
