//! What every pipeline does with a design: which services it tests and how, which
//! configuration it checks with which program, which images it builds.
//!
//! The targets only say it in their dialect, so that no two of them can differ.

mod checks;
mod commands;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::bundle::{self, Origin, Stack};
use crate::model::{Ci, Model};

pub(super) use checks::Check;
pub(super) use commands::{commands, toolchain};

/// Scans images for known holes. A pinned image, because it is no part of what is built.
pub(super) const SCANNER_IMAGE: &str = "aquasec/trivy:0.74.0";
/// What the scanner is asked: only what somebody can act upon ends a pipeline.
pub(super) const SCANNER_OPTIONS: &str =
    "--no-progress --scanners vuln,secret --severity HIGH,CRITICAL --ignore-unfixed --exit-code 1";
/// Minutes the tests of one service may take.
pub(super) const TEST_MINUTES: u32 = 15;
/// Minutes the build of one image may take.
pub(super) const IMAGE_MINUTES: u32 = 30;
/// Minutes a check of configuration may take.
pub(super) const CHECK_MINUTES: u32 = 10;

/// Jobs one matrix may have: GitLab takes 200, GitHub 256.
const MATRIX_SIZE: usize = 200;

/// Services of one job of a matrix.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Group<'a> {
    /// What the job is called: `test-go`, `test-go-2`.
    pub(super) id: String,
    /// What they are written with.
    pub(super) stack: Stack,
    /// Their ids, sorted.
    pub(super) services: Vec<&'a str>,
}

/// What a pipeline does.
#[derive(Debug, Default)]
pub(super) struct Plan<'a> {
    /// Who is tested, by stack.
    pub(super) tests: Vec<Group<'a>>,
    /// Configuration that is checked.
    pub(super) checks: Vec<Check>,
    /// Configuration that cannot be checked, in sentences.
    pub(super) unchecked: Vec<String>,
    /// Ids of the services whose images are built, as many as one matrix takes.
    pub(super) images: Vec<Vec<&'a str>>,
    /// What a reader should know.
    pub(super) notes: Vec<String>,
}

/// Plans the pipeline of a design.
pub(super) fn plan(model: &Model) -> Plan<'_> {
    let mut plan = Plan::default();
    let mut by_stack: BTreeMap<Stack, Vec<&str>> = BTreeMap::new();
    for (id, service) in &model.services {
        match bundle::origin(service) {
            Origin::Ours(stack) => by_stack.entry(stack).or_default().push(id.as_str()),
            Origin::Foreign if service.kind.is_our_code() && service.image.is_empty() => {
                plan.notes.push(format!(
                    "{id} is neither tested nor built: how to is known for {} only.",
                    Stack::ALL.map(Stack::id).join(", ")
                ));
            }
            Origin::Foreign | Origin::Program(_) => {}
        }
    }
    let mut all: Vec<_> = by_stack.values().flatten().copied().collect();
    all.sort_unstable();
    plan.images = all.chunks(MATRIX_SIZE).map(<[_]>::to_vec).collect();
    for (stack, services) in &by_stack {
        let groups = services.chunks(MATRIX_SIZE).enumerate();
        plan.tests.extend(groups.map(|(number, services)| Group {
            id: numbered(&format!("test-{}", stack.id()), number),
            stack: *stack,
            services: services.to_vec(),
        }));
    }
    plan.checks = checks::all(model, !all.is_empty(), &mut plan.notes);
    plan.unchecked = checks::unchecked(model);
    plan.notes.extend(plan.unchecked.iter().cloned());
    plan
}

/// The name of the job for one matrix of several.
pub(super) fn numbered(name: &str, number: usize) -> String {
    match number {
        0 => name.to_owned(),
        more => format!("{name}-{}", more + 1),
    }
}

/// What an image is called in its registry; `service` stands for the service's id.
/// The compose file calls it the same.
pub(super) fn image_name(model: &Model, service: &str) -> String {
    format!("{}-{service}", bundle::system(model))
}

/// The note of a target for another CI than the design's; `None` if it is this one.
pub(super) fn other_ci(model: &Model, ours: Ci) -> Option<String> {
    let chosen = model.ci.unwrap_or_default();
    (chosen != ours).then(|| {
        format!(
            "This design is built by {}: the system's settings say which it is.",
            chosen.label()
        )
    })
}
