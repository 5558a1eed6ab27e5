//! Builds the images of our own services, scans them, and pushes what is on the main
//! branch.

use super::{READ_CODE, matrix, pins, step};
use crate::{
    export::{
        pipeline::{self, Plan},
        yaml::{Map, Value},
    },
    model::Model,
};

/// Only what was merged is pushed; a pull request is built, scanned and thrown away.
const IS_PUSH: &str = "github.event_name == 'push'";

/// The job that builds and scans each image, and pushes it from the main branch.
pub(super) fn job(model: &Model, plan: &Plan<'_>, services: &[&str]) -> Map {
    let needs = plan.tests.iter().map(|it| it.id.as_str());
    let needs: Vec<Value> = needs
        .chain(std::iter::once("configuration"))
        .map(Value::from)
        .collect();
    let push = ("packages", "write", "to push the image");
    let name = "image ${{ matrix.service }}";
    let mut job = super::job(name, pipeline::IMAGE_MINUTES, &[READ_CODE, push]);
    job.set("needs", needs);
    job.set("strategy", matrix(services));
    let name = format!(
        "ghcr.io/${{{{ github.repository_owner }}}}/{}",
        pipeline::image_name(model, "${{ matrix.service }}")
    );
    let steps: Vec<Value> = vec![
        step::checkout(),
        step::action(&pins::SETUP_BUILDX, Map::default()),
        newest(),
        names(&name).into(),
        build().into(),
        scan(),
        login().into(),
        push_it().into(),
    ];
    job.set("steps", steps);
    job
}

/// An old run that is started again must not become the latest image once more.
fn newest() -> Value {
    let command = "\
head=$(gh api \"repos/${GITHUB_REPOSITORY}/commits/${GITHUB_REF_NAME}\" --jq .sha)
if [ \"${head}\" = \"${GITHUB_SHA}\" ]; then
  echo \"latest=true\" >> \"${GITHUB_OUTPUT}\"
fi
";
    let keys = [
        ("name", "Whether nothing newer was merged"),
        ("id", "newest"),
        ("if", IS_PUSH),
    ];
    let mut step: Map = keys.into_iter().collect();
    step.set(
        "env",
        Value::from([("GH_TOKEN", "${{ github.token }}".into())]),
    );
    step.set("run", Value::Block(command.to_owned()));
    step.into()
}

fn names(image: &str) -> Map {
    let tags = "type=sha,format=long\n\
                type=raw,value=latest,enable=${{ steps.newest.outputs.latest == 'true' }}\n";
    step::named(
        &[("name", "Tags and labels"), ("id", "names")],
        &pins::METADATA,
        Map::from([
            ("images", image.into()),
            ("tags", Value::Block(tags.to_owned())),
        ]),
    )
}

/// What both builds are told, so that the second finds everything in the cache.
fn built() -> Map {
    let cache = "type=gha,scope=${{ matrix.service }}";
    Map::from([
        ("context", "services/${{ matrix.service }}".into()),
        ("tags", "${{ steps.names.outputs.tags }}".into()),
        ("labels", "${{ steps.names.outputs.labels }}".into()),
        ("cache-from", cache.into()),
    ])
}

fn build() -> Map {
    let mut settings = built();
    let cache = "type=gha,scope=${{ matrix.service }},mode=max";
    settings.set("cache-to", cache);
    settings.set("outputs", "type=docker,dest=${{ runner.temp }}/image.tar");
    step::named(&[("name", "Build")], &pins::BUILD_PUSH, settings)
}

/// Nobody is logged in yet: the scanner has no secret to lose.
fn scan() -> Value {
    let command = format!(
        "docker run --rm --volume \"${{RUNNER_TEMP}}/image.tar:/image.tar:ro\" \"${{IMAGE}}\" \\\n  \
         image --input /image.tar {}\n",
        pipeline::SCANNER_OPTIONS
    );
    let environment = Map::from([("IMAGE", pipeline::SCANNER_IMAGE.into())]);
    step::run_with("Scan", &command, environment)
}

fn login() -> Map {
    step::named(
        &[("name", "Log in"), ("if", IS_PUSH)],
        &pins::LOGIN,
        Map::from([
            ("registry", "ghcr.io".into()),
            ("username", "${{ github.actor }}".into()),
            ("password", "${{ secrets.GITHUB_TOKEN }}".into()),
        ]),
    )
}

fn push_it() -> Map {
    let mut settings = built();
    settings.set("push", true);
    settings.set("provenance", "mode=max");
    settings.set("sbom", true);
    let keys = [("name", "Push"), ("if", IS_PUSH)];
    step::named(&keys, &pins::BUILD_PUSH, settings)
}
