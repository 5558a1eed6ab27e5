//! Where a design runs, and how each service is observed there.
//!
//! Secrets are named, never held: an environment variable or an entry of the
//! operating system's keyring.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{DependencyId, ServiceId, Unknown};

/// One place where the design runs: local, staging, production.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Environment {
    /// Display name; empty means the id.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Milliseconds between two polls of a target; absent means ten seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval_ms: Option<u64>,
    /// Where each service is observed.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, Target>")]
    pub targets: BTreeMap<ServiceId, Target>,
    /// Which dependency a breaker protects that is not named like its target:
    /// `caller/breaker name` → dependency.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, String>")]
    pub breaker_aliases: BTreeMap<String, DependencyId>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    #[schemars(skip)]
    pub unknown: Unknown,
}

/// Where one service is observed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Target {
    /// The start of each instance's address, such as `http://127.0.0.1:7101`.
    pub instances: Vec<String>,
    /// Path of its health; empty means what the service says, or `/health`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub health_path: String,
    /// Further paths to read: breaker endpoints and metrics.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub more_paths: Vec<String>,
    /// Milliseconds between two polls, where it differs from the environment's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval_ms: Option<u64>,
    /// Milliseconds after which one poll is given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// What proves who asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential: Option<Credential>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    #[schemars(skip)]
    pub unknown: Unknown,
}

/// A secret by reference, sent as a header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Credential {
    /// `Authorization: Bearer …` from this environment variable.
    BearerFromEnvironment(String),
    /// `Authorization: Basic …` from this environment variable (`user:password`).
    BasicFromEnvironment(String),
}
