//! What tests, builds and ships a system.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A service that runs pipelines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Ci {
    /// GitHub Actions.
    #[default]
    GithubActions,
    /// GitLab CI/CD.
    GitlabCi,
}

impl Ci {
    /// Every one, in the order people read them.
    pub const ALL: [Self; 2] = [Self::GithubActions, Self::GitlabCi];

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::GithubActions => "GitHub Actions",
            Self::GitlabCi => "GitLab CI",
        }
    }
}
