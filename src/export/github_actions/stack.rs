//! How services of each stack are linted, type-checked, tested and built.

use super::{
    pins::{self, Pin},
    step,
};
use crate::export::{
    bundle::Stack,
    yaml::{Map, Value},
};

/// The folder of the service a job of the matrix is for.
const FOLDER: &str = "services/${{ matrix.service }}";

/// The steps after checking the code out.
pub(super) fn steps(stack: Stack) -> Vec<Value> {
    let mut steps = vec![setup(stack)];
    if stack == Stack::Axum {
        steps.push(step::run("Toolchain", "rustup toolchain install stable --profile minimal --component clippy,rustfmt\nrustup default stable\n"));
    }
    steps.extend(
        commands(stack)
            .iter()
            .map(|(name, command)| step::run(name, command)),
    );
    steps
}

fn setup(stack: Stack) -> Value {
    let locked = |files: &str| format!("{FOLDER}/{files}");
    let (pin, settings): (&Pin, Vec<(&str, String)>) = match stack {
        Stack::FastApi => (
            &pins::SETUP_PYTHON,
            vec![
                ("python-version", "3.13".to_owned()),
                ("cache", "pip".to_owned()),
                ("cache-dependency-path", locked("requirements*.txt")),
            ],
        ),
        Stack::Express => (
            &pins::SETUP_NODE,
            vec![
                ("node-version", "22".to_owned()),
                ("cache", "npm".to_owned()),
                ("cache-dependency-path", locked("package-lock.json")),
            ],
        ),
        Stack::Go => (
            &pins::SETUP_GO,
            vec![
                ("go-version-file", locked("go.mod")),
                ("cache-dependency-path", locked("go.*")),
            ],
        ),
        Stack::SpringBoot => (
            &pins::SETUP_JAVA,
            vec![
                ("distribution", "temurin".to_owned()),
                ("java-version", "21".to_owned()),
                ("cache", "maven".to_owned()),
                ("cache-dependency-path", locked("pom.xml")),
            ],
        ),
        Stack::Axum => return cargo_cache(),
        Stack::AspNet => (
            &pins::SETUP_DOTNET,
            vec![("dotnet-version", "9.0.x".to_owned())],
        ),
    };
    step::action(pin, settings.into_iter().collect())
}

fn cargo_cache() -> Value {
    let lock = "${{ hashFiles(format('services/{0}/Cargo.lock', matrix.service)) }}";
    let key = format!("cargo-${{{{ runner.os }}}}-${{{{ matrix.service }}}}-{lock}");
    let path = Value::Block(format!("~/.cargo/registry\n{FOLDER}/target\n"));
    step::action(
        &pins::CACHE,
        Map::from([("path", path), ("key", key.into())]),
    )
}

/// Each step's name and what it runs, in the service's folder.
fn commands(stack: Stack) -> &'static [(&'static str, &'static str)] {
    match stack {
        Stack::FastApi => &[
            (
                "Install",
                "python -m pip install --require-hashes --only-binary=:all: -r requirements-dev.txt",
            ),
            ("Lint", "ruff check .\nruff format --check .\n"),
            ("Type check", "mypy app tests"),
            ("Test", "python -m pytest"),
        ],
        Stack::Express => &[
            ("Install", "npm ci --ignore-scripts"),
            ("Lint", "npm run lint --if-present"),
            ("Type check", "npm run typecheck --if-present"),
            ("Test", "npm test"),
        ],
        Stack::Go => &[
            ("Lint", "test -z \"$(gofmt -l .)\"\ngo vet ./...\n"),
            ("Test", "go test -race ./..."),
            ("Build", "go build ./..."),
        ],
        Stack::SpringBoot => &[(
            "Compile, test and build",
            "mvn --batch-mode --no-transfer-progress verify",
        )],
        Stack::Axum => &[
            (
                "Lint",
                "cargo fmt --check\ncargo clippy --locked --all-targets -- --deny warnings\n",
            ),
            ("Test", "cargo test --locked"),
        ],
        Stack::AspNet => &[
            ("Lint", "dotnet format --verify-no-changes"),
            ("Build", "dotnet build --configuration Release -warnaserror"),
            ("Test", "dotnet test --configuration Release --no-build"),
        ],
    }
}
