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
    let with = |pin: &Pin, settings: Vec<(&str, Value)>| {
        let settings: Map = settings.into_iter().collect();
        step::action(pin, settings)
    };
    let locked = |files: &str| Value::from(format!("{FOLDER}/{files}"));
    match stack {
        Stack::FastApi => with(
            &pins::SETUP_PYTHON,
            vec![
                ("python-version", "3.13".into()),
                ("cache", "pip".into()),
                ("cache-dependency-path", locked("requirements*.txt")),
            ],
        ),
        Stack::Express => with(
            &pins::SETUP_NODE,
            vec![
                ("node-version", "22".into()),
                ("cache", "npm".into()),
                ("cache-dependency-path", locked("package-lock.json")),
            ],
        ),
        Stack::Go => with(
            &pins::SETUP_GO,
            vec![
                ("go-version-file", locked("go.mod")),
                ("cache-dependency-path", locked("go.*")),
            ],
        ),
        Stack::SpringBoot => with(
            &pins::SETUP_JAVA,
            vec![
                ("distribution", "temurin".into()),
                ("java-version", "21".into()),
                ("cache", "maven".into()),
                ("cache-dependency-path", locked("pom.xml")),
            ],
        ),
        Stack::Axum => {
            let lock = "hashFiles(format('services/{0}/Cargo.lock', matrix.service))";
            with(
                &pins::CACHE,
                vec![
                    (
                        "path",
                        Value::Block(format!("~/.cargo/registry\n{FOLDER}/target\n")),
                    ),
                    (
                        "key",
                        format!(
                            "cargo-${{{{ runner.os }}}}-${{{{ matrix.service }}}}-${{{{ {lock} }}}}"
                        )
                        .into(),
                    ),
                ],
            )
        }
        Stack::AspNet => with(
            &pins::SETUP_DOTNET,
            vec![("dotnet-version", "9.0.x".into())],
        ),
    }
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
