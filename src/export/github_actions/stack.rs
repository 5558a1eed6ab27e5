//! How a runner gets what services of each stack are tested with.

use super::{
    pins::{self, Pin},
    step,
};
use crate::export::{
    bundle::Stack,
    pipeline,
    yaml::{Map, Value},
};

/// The folder of the service a job of the matrix is for.
pub(super) const FOLDER: &str = "services/${{ matrix.service }}";

/// The steps after checking the code out.
pub(super) fn steps(stack: Stack) -> Vec<Value> {
    let mut steps = vec![setup(stack)];
    if stack == Stack::Axum {
        let version = pipeline::toolchain(stack).version;
        let command = format!(
            "rustup toolchain install {version} --profile minimal --component clippy,rustfmt\n\
             rustup default {version}\n"
        );
        steps.push(step::run("Toolchain", &command));
    }
    let commands = pipeline::commands(stack).iter();
    steps.extend(commands.map(|(name, lines)| step::run_lines(name, lines)));
    steps
}

fn setup(stack: Stack) -> Value {
    let locked = |files: &str| format!("{FOLDER}/{files}");
    let version = pipeline::toolchain(stack).version;
    let (pin, settings): (&Pin, Vec<(&str, String)>) = match stack {
        Stack::FastApi => (
            &pins::SETUP_PYTHON,
            vec![
                ("python-version", version.to_owned()),
                ("cache", "pip".to_owned()),
                ("cache-dependency-path", locked("requirements*.txt")),
            ],
        ),
        Stack::Express => (
            &pins::SETUP_NODE,
            vec![
                ("node-version", version.to_owned()),
                ("cache", "npm".to_owned()),
                ("cache-dependency-path", locked("package-lock.json")),
            ],
        ),
        Stack::Go => (
            &pins::SETUP_GO,
            vec![
                ("go-version", version.to_owned()),
                ("cache-dependency-path", locked("go.*")),
            ],
        ),
        Stack::SpringBoot => (
            &pins::SETUP_JAVA,
            vec![
                ("distribution", "temurin".to_owned()),
                ("java-version", version.to_owned()),
                ("cache", "maven".to_owned()),
                ("cache-dependency-path", locked("pom.xml")),
            ],
        ),
        Stack::Axum => return cargo_cache(),
        Stack::AspNet => (
            &pins::SETUP_DOTNET,
            vec![("dotnet-version", format!("{version}.x"))],
        ),
    };
    step::action(pin, settings.into_iter().collect())
}

fn cargo_cache() -> Value {
    let lock = "${{ hashFiles(format('services/{0}/Cargo.lock', matrix.service)) }}";
    let version = pipeline::toolchain(Stack::Axum).version;
    let key = format!("cargo-{version}-${{{{ runner.os }}}}-${{{{ matrix.service }}}}-{lock}");
    let path = Value::Block(format!("~/.cargo/registry\n{FOLDER}/target\n"));
    step::action(
        &pins::CACHE,
        Map::from([("path", path), ("key", key.into())]),
    )
}
