//! Builds the images of our own services, and pushes what is on the main branch.

use std::collections::BTreeMap;

use super::{READ_CODE, matrix, pins, step};
use crate::{
    export::{
        bundle::{self, Stack},
        yaml::{Map, Value},
    },
    model::Model,
};

/// Only what was merged is pushed; a pull request is built and thrown away.
const IS_PUSH: &str = "github.event_name == 'push'";

/// The job that builds each image, and pushes it from the main branch.
pub(super) fn job(model: &Model, by_stack: &BTreeMap<Stack, Vec<&str>>) -> Map {
    let needs: Vec<Value> = by_stack
        .keys()
        .map(|it| format!("test-{}", it.id()).into())
        .chain(std::iter::once("configuration".into()))
        .collect();
    let mut services: Vec<_> = by_stack.values().flatten().copied().collect();
    services.sort_unstable();
    let push = ("packages", "write", "to push the image");
    let mut job = super::job("image ${{ matrix.service }}", 30, &[READ_CODE, push]);
    job.set("needs", needs);
    job.set("strategy", matrix(&services));
    let name = format!(
        "ghcr.io/${{{{ github.repository_owner }}}}/{}-${{{{ matrix.service }}}}",
        bundle::system(model)
    );
    let builder = step::action(&pins::SETUP_BUILDX, Map::default());
    let steps: Vec<Value> = vec![
        step::checkout(),
        builder,
        login().into(),
        names(&name).into(),
        build().into(),
    ];
    job.set("steps", steps);
    job
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

fn names(image: &str) -> Map {
    let tags = "type=sha,format=long\ntype=raw,value=latest,enable={{is_default_branch}}\n";
    step::named(
        &[("name", "Tags and labels"), ("id", "names")],
        &pins::METADATA,
        Map::from([
            ("images", image.into()),
            ("tags", Value::Block(tags.to_owned())),
        ]),
    )
}

fn build() -> Map {
    let cache = "type=gha,scope=${{ matrix.service }}";
    step::named(
        &[("name", "Build and push")],
        &pins::BUILD_PUSH,
        Map::from([
            ("context", "services/${{ matrix.service }}".into()),
            ("push", format!("${{{{ {IS_PUSH} }}}}").into()),
            ("tags", "${{ steps.names.outputs.tags }}".into()),
            ("labels", "${{ steps.names.outputs.labels }}".into()),
            ("provenance", "mode=max".into()),
            ("sbom", true.into()),
            ("cache-from", cache.into()),
            ("cache-to", format!("{cache},mode=max").into()),
        ]),
    )
}
