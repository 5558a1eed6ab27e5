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
    /// Programs that tell of many services at once, by a name of their own.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub sources: BTreeMap<String, Source>,
    /// What sources call a service that they do not call by its id or name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, String>")]
    pub service_aliases: BTreeMap<String, ServiceId>,
    /// Where incidents are told of: the whole address of a Slack-compatible webhook, by
    /// reference, because whoever has it can post.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook: Option<Reference>,
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
    /// The start of each instance's address, such as `http://127.0.0.1:7101`; `grpc://` or
    /// `grpcs://` for a server that is asked by gRPC's own health check.
    pub instances: Vec<String>,
    /// Whether each address that a name in these leads to is an instance of its own: the
    /// name is looked up again and again. Of IPv4 and IPv6 the former counts, because a
    /// host often has both.
    #[serde(skip_serializing_if = "is_false")]
    pub is_each_address: bool,
    /// Path of its health; empty means what the service says, or `/health`. For gRPC the
    /// name of a service, such as `orders.v1.Orders`; empty means the whole server.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub health_path: String,
    /// Further paths to read: breaker endpoints, metrics, and streams of events such as
    /// `/hystrix.stream`, which are followed.
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
    /// How an encrypted connection is checked, where it differs from the usual.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<Tls>,
    /// The proxy through which it is asked, such as `http://proxy:3128`; without one,
    /// none is used, whatever the process's environment says.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub proxy: String,
    /// Gauges that tell a breaker's state by a number: metric → number → state, such as
    /// `{"breaker_state": {"0": "closed", "1": "half-open", "2": "open"}}`. Libraries
    /// number their states differently, so a number alone is never guessed.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub breaker_gauges: BTreeMap<String, BTreeMap<String, String>>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    #[schemars(skip)]
    pub unknown: Unknown,
}

/// A secret by reference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Reference {
    /// It stands in this environment variable.
    FromEnvironment(String),
    /// It is this entry of the operating system's keyring, under the service `meshboard`.
    FromKeyring(String),
}

/// A secret by reference, sent as a header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Credential {
    /// `Authorization: Bearer …` from this environment variable.
    BearerFromEnvironment(String),
    /// `Authorization: Basic …` from this environment variable (`user:password`).
    BasicFromEnvironment(String),
    /// `Authorization: Bearer …` from this entry of the operating system's keyring, kept
    /// under the service `meshboard`.
    BearerFromKeyring(String),
    /// `Authorization: Basic …` from such an entry (`user:password`).
    BasicFromKeyring(String),
}

/// How an encrypted connection is checked. Relative paths start at the project's folder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Tls {
    /// PEM file of the authorities that are trusted instead of the system's.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ca_file: String,
    /// PEM file of the certificate that is shown to the other side.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub certificate_file: String,
    /// PEM file of that certificate's key.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub key_file: String,
    /// The name that is asked for and checked, where it is not the address's.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub server_name: String,
    /// Whether any certificate is taken; shown wherever the target is shown.
    #[serde(skip_serializing_if = "is_false")]
    pub is_insecure: bool,
    /// Keys that this version does not know.
    #[serde(flatten)]
    #[schemars(skip)]
    pub unknown: Unknown,
}

/// A program that tells of many services at once.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Source {
    /// What it is: `consul`, `prometheus`, `envoy`, `docker`, `kubernetes`, `jaeger`,
    /// `zipkin`, or `page` for any other list whose content tells what it is.
    pub kind: String,
    /// Where it is: `http://127.0.0.1:8500`, `unix:///var/run/docker.sock`; for
    /// `kubernetes`, empty means the current context of the kubeconfig.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub address: String,
    /// What it is asked about, where it knows of more than this system: a namespace, a
    /// Compose project. For `kubernetes`, empty means the context's own, and `*` all.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub namespace: String,
    /// Milliseconds between two questions; absent means ten seconds, or as long as such
    /// a program wants to be left alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval_ms: Option<u64>,
    /// Seconds over which rates and calls are taken; absent means five minutes, for
    /// `jaeger` and `zipkin` a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window_seconds: Option<u64>,
    /// What proves who asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential: Option<Credential>,
    /// How an encrypted connection is checked, where it differs from the usual.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<Tls>,
    /// The proxy through which it is asked; without one, none is used.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub proxy: String,
    /// Keys that this version does not know.
    #[serde(flatten)]
    #[schemars(skip)]
    pub unknown: Unknown,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_false(it: &bool) -> bool {
    !it
}
