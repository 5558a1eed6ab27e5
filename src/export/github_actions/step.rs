//! Steps of a job as YAML.

use super::pins::{CHECKOUT, Pin};
use crate::export::yaml::{Map, Value};

/// A step that uses an action.
pub(super) fn action(pin: &Pin, settings: Map) -> Value {
    named(&[], pin, settings).into()
}

/// A step that uses an action, with keys of its own before that.
pub(super) fn named(keys: &[(&str, &str)], pin: &Pin, settings: Map) -> Map {
    let mut step: Map = keys.iter().copied().collect();
    step.set("uses", Value::Noted(pin.uses.to_owned(), pin.version));
    if !settings.is_empty() {
        step.set("with", settings);
    }
    step
}

/// The step that checks the code out, without leaving a token behind.
pub(super) fn checkout() -> Value {
    action(
        &CHECKOUT,
        Map::from([("persist-credentials", false.into())]),
    )
}

/// A step that runs commands of our own; nothing of a design may be in them.
pub(super) fn run(name: &str, command: &str) -> Value {
    run_with(name, command, Map::default())
}

/// A step that runs these lines of our own.
pub(super) fn run_lines(name: &str, lines: &[&str]) -> Value {
    match lines {
        [line] => Value::from([("name", name.into()), ("run", (*line).into())]),
        lines => run(name, &format!("{}\n", lines.join("\n"))),
    }
}

/// A step that runs commands of our own and finds a design's words in its environment.
pub(super) fn run_with(name: &str, command: &str, environment: Map) -> Value {
    let mut step = Map::from([("name", name.into())]);
    if !environment.is_empty() {
        step.set("env", environment);
    }
    step.set("run", Value::Block(command.to_owned()));
    step.into()
}
