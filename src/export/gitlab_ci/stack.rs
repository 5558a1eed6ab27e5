//! What the tests of each stack keep between pipelines, and what they report.

use crate::export::{
    bundle::Stack,
    yaml::{Map, Value},
};

/// Where the tools of a job keep what they loaded: GitLab caches only what lies in the
/// checkout.
const CACHE: &str = "${CI_PROJECT_DIR}/.cache";

/// The variables, the cache and the reports of a test.
pub(super) fn settings(stack: Stack) -> Map {
    let (variables, cached, report): (&[(&str, String)], &[&str], &str) = match stack {
        Stack::FastApi => (
            &[
                ("PIP_CACHE_DIR", format!("{CACHE}/pip")),
                ("PIP_DISABLE_PIP_VERSION_CHECK", "1".to_owned()),
                ("PIP_ROOT_USER_ACTION", "ignore".to_owned()),
                ("PYTEST_ADDOPTS", "--junitxml=report.xml".to_owned()),
            ],
            &[".cache/pip/"],
            "services/*/report.xml",
        ),
        Stack::Express => (
            &[("npm_config_cache", format!("{CACHE}/npm"))],
            &[".cache/npm/"],
            "",
        ),
        Stack::Go => (
            &[
                ("GOCACHE", format!("{CACHE}/go/build")),
                ("GOMODCACHE", format!("{CACHE}/go/modules")),
                // What it loads is read-only otherwise, and a cache cannot be put back.
                ("GOFLAGS", "-modcacherw".to_owned()),
            ],
            &[".cache/go/"],
            "",
        ),
        Stack::SpringBoot => (
            &[("MAVEN_ARGS", format!("-Dmaven.repo.local={CACHE}/maven"))],
            &[".cache/maven/"],
            "services/*/target/surefire-reports/TEST-*.xml",
        ),
        Stack::Axum => (
            &[
                ("CARGO_HOME", format!("{CACHE}/cargo")),
                ("CARGO_TARGET_DIR", format!("{CACHE}/target")),
            ],
            &[".cache/cargo/registry/", ".cache/target/"],
            "",
        ),
        Stack::AspNet => (
            &[("NUGET_PACKAGES", format!("{CACHE}/nuget"))],
            &[".cache/nuget/"],
            "",
        ),
    };
    let mut settings = Map::default();
    let variables: Map = variables
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    settings.set("variables", variables);
    let cached = cached.iter().map(|it| (*it).to_owned()).collect();
    settings.set(
        "cache",
        Value::from([
            ("key", format!("{}-${{SERVICE}}", stack.id()).into()),
            ("paths", Value::Lines(cached)),
        ]),
    );
    if !report.is_empty() {
        let reports = Value::from([("junit", report.into())]);
        settings.set(
            "artifacts",
            Value::from([
                ("when", "always".into()),
                ("expire_in", "1 week".into()),
                ("reports", reports),
            ]),
        );
    }
    settings
}
