//! Who asks for newer versions of what stands at one: actions, base images, packages.
//!
//! Reference: <https://docs.github.com/code-security/dependabot/working-with-dependabot/dependabot-options-reference>.

use crate::{
    export::{
        bundle::{self, Origin, Stack},
        pipeline::Plan,
        yaml::{Map, Value},
    },
    model::Model,
};

/// Days that a new version is out before it is asked for: most that harm are found by then.
const COOLDOWN_DAYS: u32 = 7;

/// Versions that are not asked for, and why.
struct Left {
    kinds: &'static [&'static str],
    why: &'static str,
}

/// What a service is built on is also what it is tested with.
const TESTED_WITH: Left = Left {
    kinds: &["version-update:semver-major", "version-update:semver-minor"],
    why: "The workflow tests with the same version: whoever raises one raises both.",
};
/// What keeps data.
const KEEPS_DATA: Left = Left {
    kinds: &["version-update:semver-major"],
    why: "The data of a store seldom outlives a new major version by itself.",
};

/// The file.
pub(super) fn file(model: &Model, plan: &Plan<'_>) -> String {
    let root = || vec!["/".to_owned()];
    let mut updates = vec![update("github-actions", root(), None)];
    let built = plan.images.iter().flatten();
    let built: Vec<_> = built.map(|it| format!("/services/{it}")).collect();
    if !built.is_empty() {
        updates.push(update("docker", built, Some(&TESTED_WITH)));
    }
    let is_pulled =
        |it: &_| bundle::is_container(it) && !matches!(bundle::origin(it), Origin::Ours(_));
    if model.services.values().any(|it| is_pulled(it)) {
        updates.push(update("docker-compose", root(), Some(&KEEPS_DATA)));
    }
    for stack in Stack::ALL {
        let groups = plan.tests.iter().filter(|it| it.stack == stack);
        let services = groups.flat_map(|it| &it.services);
        let folders: Vec<_> = services.map(|it| format!("/services/{it}")).collect();
        if !folders.is_empty() {
            updates.push(update(ecosystem(stack), folders, None));
        }
    }
    let mut file = Map::spaced();
    file.set("version", 2_u32);
    file.set("updates", updates);
    file.to_file("Asks each week for newer versions of actions, base images and packages.")
}

/// What Dependabot calls the packages of a stack.
fn ecosystem(stack: Stack) -> &'static str {
    match stack {
        Stack::FastApi => "pip",
        Stack::Express => "npm",
        Stack::Go => "gomod",
        Stack::SpringBoot => "maven",
        Stack::Axum => "cargo",
        Stack::AspNet => "nuget",
    }
}

fn update(ecosystem: &str, folders: Vec<String>, left: Option<&Left>) -> Value {
    let mut update = Map::from([
        ("package-ecosystem", ecosystem.into()),
        ("directories", Value::Lines(folders)),
        ("schedule", [("interval", "weekly".into())].into()),
        ("cooldown", [("default-days", COOLDOWN_DAYS.into())].into()),
    ]);
    // One request for all of them: each runs the whole workflow.
    let all = Map::from([("patterns", ["*"].into())]);
    update.set("groups", Value::from([(ecosystem, all.into())]));
    if let Some(left) = left {
        let every = Map::from([
            ("dependency-name", "*".into()),
            (
                "update-types",
                Value::Lines(left.kinds.iter().map(|it| (*it).to_owned()).collect()),
            ),
        ]);
        let ignored: Vec<Value> = vec![every.into()];
        update.set_with_comment("ignore", ignored, left.why);
    }
    update.into()
}
