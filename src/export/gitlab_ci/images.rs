//! Builds the images of our own services, scans them, and publishes what is on the
//! default branch.
//!
//! Builds run in rootless `BuildKit`, so no runner has to be privileged. An image gets the
//! name that others pull only after it was scanned: until then it is a candidate.

use super::{ON_DEFAULT, matrix, minutes, shell_of};
use crate::{
    export::{
        pipeline,
        yaml::{Map, Value},
    },
    model::Model,
};

/// Builds images without rights.
const BUILDER_IMAGE: &str = "moby/buildkit:v0.24.0-rootless";
/// Copies images from name to name inside a registry.
const COPIER_IMAGE: &str = "quay.io/skopeo/stable:v1.20.0";

/// Each job's name, what it does, and what a reader should know of it.
pub(super) fn jobs(model: &Model, services: &[&str]) -> [(&'static str, Map, &'static str); 3] {
    let name = pipeline::image_name(model, "${SERVICE}");
    let image = ("IMAGE", format!("${{CI_REGISTRY_IMAGE}}/{name}"));
    [
        (
            "image-build",
            build(services, &image),
            "A merge request is built and thrown away; what was merged becomes a candidate.",
        ),
        ("image-scan", scan(services, &image), ""),
        (
            "image-publish",
            publish(services, &image),
            "Only what passed the scan gets the names that others pull.",
        ),
    ]
}

fn job(stage: &str, image: &str, services: &[&str]) -> Map {
    Map::from([
        ("stage", stage.into()),
        ("image", shell_of(image).into()),
        ("timeout", minutes(pipeline::IMAGE_MINUTES)),
        ("parallel", matrix(services)),
    ])
}

/// A job of which only what was merged has need, and which reads no code.
fn job_of_merged(stage: &str, image: &str, services: &[&str]) -> Map {
    let mut job = job(stage, image, services);
    let rules: Vec<Value> = vec![Map::from([("if", ON_DEFAULT.into())]).into()];
    job.set("rules", rules);
    job
}

fn variables(all: &[(&str, String)]) -> Value {
    let all: Map = all.iter().map(|(name, it)| (*name, it.as_str())).collect();
    all.into()
}

fn build(services: &[&str], image: &(&'static str, String)) -> Map {
    let mut job = job("build", BUILDER_IMAGE, services);
    let flags = "--oci-worker-no-process-sandbox".to_owned();
    job.set(
        "variables",
        variables(&[("BUILDKITD_FLAGS", flags), image.clone()]),
    );
    let script: Vec<Value> = vec![Value::Block(LOG_IN.into()), Value::Block(BUILD.into())];
    job.set("script", script);
    job
}

/// Standard input and a file keep the password out of the list of processes.
const LOG_IN: &str = "\
mkdir -p \"${HOME}/.docker\"
login=$(printf '%s:%s' \"${CI_REGISTRY_USER}\" \"${CI_REGISTRY_PASSWORD}\" | base64 | tr -d '\\n')
printf '{\"auths\": {\"%s\": {\"auth\": \"%s\"}}}' \"${CI_REGISTRY}\" \"${login}\" > \"${HOME}/.docker/config.json\"
";

/// A merge request is built and thrown away.
const BUILD: &str = "\
set -- --import-cache \"type=registry,ref=${IMAGE}:cache\"
if [ \"${CI_COMMIT_BRANCH:-}\" = \"${CI_DEFAULT_BRANCH}\" ]; then
  set -- \"$@\" --export-cache \"type=registry,ref=${IMAGE}:cache,mode=max\" \\
    --opt attest:provenance=mode=max --opt attest:sbom= \\
    --output \"type=image,name=${IMAGE}:candidate-${CI_COMMIT_SHA},push=true\"
fi
buildctl-daemonless.sh build --frontend dockerfile.v0 \\
  --local \"context=services/${SERVICE}\" --local \"dockerfile=services/${SERVICE}\" \\
  --opt \"label:org.opencontainers.image.revision=${CI_COMMIT_SHA}\" \\
  --opt \"label:org.opencontainers.image.source=${CI_PROJECT_URL}\" \
  --opt \"label:com.gitlab.pipeline=${CI_PIPELINE_IID}\" \"$@\"
";

fn scan(services: &[&str], image: &(&'static str, String)) -> Map {
    let mut job = job_of_merged("scan", pipeline::SCANNER_IMAGE, services);
    job.set(
        "variables",
        variables(&[
            ("GIT_STRATEGY", "none".to_owned()),
            image.clone(),
            ("TRIVY_USERNAME", "${CI_REGISTRY_USER}".to_owned()),
            ("TRIVY_PASSWORD", "${CI_REGISTRY_PASSWORD}".to_owned()),
            (
                "TRIVY_CACHE_DIR",
                "${CI_PROJECT_DIR}/.cache/trivy".to_owned(),
            ),
        ]),
    );
    job.set(
        "cache",
        Value::from([
            ("key", "trivy".into()),
            ("paths", Value::Lines(vec![".cache/trivy/".to_owned()])),
        ]),
    );
    let line = format!(
        "trivy image {} \"${{IMAGE}}:candidate-${{CI_COMMIT_SHA}}\"",
        pipeline::SCANNER_OPTIONS
    );
    job.set("script", Value::Lines(vec![line]));
    job
}

fn publish(services: &[&str], image: &(&'static str, String)) -> Map {
    let mut job = job_of_merged("publish", COPIER_IMAGE, services);
    // Half a publication is worse than a needless one.
    job.set("interruptible", false);
    job.set(
        "variables",
        variables(&[("GIT_STRATEGY", "none".to_owned()), image.clone()]),
    );
    job.set_with_comment(
        "resource_group",
        "publish-${SERVICE}",
        "One pipeline after the other.",
    );
    let script: Vec<Value> = vec![Value::Block(PUBLISH.into())];
    job.set("script", script);
    job
}

/// Pipelines end in any order, and an old one may be started again: whoever is older than
/// what bears the name does not take it.
const PUBLISH: &str = "\
printf '%s' \"${CI_REGISTRY_PASSWORD}\" \\
  | skopeo login --username \"${CI_REGISTRY_USER}\" --password-stdin \"${CI_REGISTRY}\"
candidate=\"docker://${IMAGE}:candidate-${CI_COMMIT_SHA}\"
skopeo copy --all \"${candidate}\" \"docker://${IMAGE}:sha-${CI_COMMIT_SHA}\"
# The pipeline that made what is the latest; the first one finds none.
label='{{ index .Labels \"com.gitlab.pipeline\" }}'
latest=$(skopeo inspect --no-tags --format \"${label}\" \"docker://${IMAGE}:latest\") || latest=0
case \"${latest}\" in
  '' | *[!0-9]*) latest=0 ;;
esac
if [ \"${latest}\" -gt \"${CI_PIPELINE_IID}\" ]; then
  echo \"pipeline ${latest} is newer: it keeps the name latest\"
else
  skopeo copy --all \"${candidate}\" \"docker://${IMAGE}:latest\"
fi
";
