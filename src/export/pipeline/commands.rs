//! How services of each stack are linted, type-checked, tested and built.

use crate::export::bundle::Stack;

/// What services of a stack are tested with.
#[derive(Debug)]
pub(in crate::export) struct Toolchain {
    /// The version, as whoever installs it is told.
    pub(in crate::export) version: &'static str,
    /// The image that has it, with everything a test needs.
    pub(in crate::export) image: &'static str,
    /// What that image still lacks.
    pub(in crate::export) setup: &'static [&'static str],
}

/// What services of a stack are tested with: the version that their Dockerfile builds on.
pub(in crate::export) fn toolchain(stack: Stack) -> Toolchain {
    let (version, image, setup): (_, _, &[&str]) = match stack {
        Stack::FastApi => ("3.13", "python:3.13.16-slim-bookworm", &[]),
        Stack::Express => ("22", "node:22.23.3-bookworm-slim", &[]),
        // Looking for races needs a C compiler, which the Alpine image has not.
        Stack::Go => ("1.26.8", "golang:1.26.8-bookworm", &[]),
        Stack::SpringBoot => ("21", "maven:3.9.16-eclipse-temurin-21", &[]),
        Stack::Axum => (
            "1.85.0",
            "rust:1.85.0-bookworm",
            &["rustup component add clippy rustfmt"],
        ),
        Stack::AspNet => ("9.0", "mcr.microsoft.com/dotnet/sdk:9.0.315", &[]),
    };
    Toolchain {
        version,
        image,
        setup,
    }
}

/// Each step's name and what it runs, line by line, in the service's folder.
pub(in crate::export) fn commands(
    stack: Stack,
) -> &'static [(&'static str, &'static [&'static str])] {
    match stack {
        Stack::FastApi => &[
            (
                "Install",
                &[
                    "python -m pip install --require-hashes --only-binary=:all: -r requirements-dev.txt",
                ],
            ),
            ("Lint", &["ruff check .", "ruff format --check ."]),
            ("Type check", &["mypy app tests"]),
            ("Test", &["python -m pytest"]),
        ],
        Stack::Express => &[
            ("Install", &["npm ci --ignore-scripts"]),
            ("Lint", &["npm run lint --if-present"]),
            ("Type check", &["npm run typecheck --if-present"]),
            ("Test", &["npm test"]),
        ],
        Stack::Go => &[
            ("Lint", &["test -z \"$(gofmt -l .)\"", "go vet ./..."]),
            ("Test", &["go test -race ./..."]),
            ("Build", &["go build ./..."]),
        ],
        Stack::SpringBoot => &[(
            "Compile, test and build",
            &["mvn --batch-mode --no-transfer-progress verify"],
        )],
        Stack::Axum => &[
            (
                "Lint",
                &[
                    "cargo fmt --check",
                    "cargo clippy --locked --all-targets -- --deny warnings",
                ],
            ),
            ("Test", &["cargo test --locked"]),
        ],
        Stack::AspNet => &[
            ("Lint", &["dotnet format --verify-no-changes"]),
            (
                "Build",
                &["dotnet build --configuration Release -warnaserror"],
            ),
            ("Test", &["dotnet test --configuration Release --no-build"]),
        ],
    }
}
