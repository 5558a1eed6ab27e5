//! The job that checks the generated configuration, each file by its own program.

use super::{READ_CODE, defaults, step};
use crate::export::{
    pipeline::{CHECK_MINUTES, Check},
    yaml::{Map, Value},
};

/// The end of a script that is handed to a container.
const END: &str = "CHECK";

/// The job with a step for each check.
pub(super) fn job(checks: &[Check]) -> Map {
    let mut job = super::job("check generated configuration", CHECK_MINUTES, &[READ_CODE]);
    job.set("defaults", defaults(None));
    let mut steps = vec![step::checkout()];
    steps.extend(checks.iter().map(check));
    job.set("steps", steps);
    job
}

/// A check in a container that has the checkout and nothing else.
fn check(check: &Check) -> Value {
    let mut step = Map::from([("name", check.title.as_str().into())]);
    if !check.file.is_empty() {
        step.set("if", format!("hashFiles('{}') != ''", check.file));
    }
    let mut environment = Map::from([("IMAGE", check.image.as_str().into())]);
    let mut options = String::from("--rm --interactive --user root --entrypoint sh");
    if !check.is_online {
        options.push_str(" --network none");
    }
    for (name, value) in &check.variables {
        environment.set(*name, value.as_str());
        options.push_str(" --env ");
        options.push_str(name);
    }
    step.set("env", environment);
    let run = format!(
        "docker run {options} \\\n  --volume \"${{PWD}}:/checkout:ro\" --workdir /checkout \
         \"${{IMAGE}}\" -eu << '{END}'\n{}{END}\n",
        check.script
    );
    step.set("run", Value::Block(run));
    step.into()
}
