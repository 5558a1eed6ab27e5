//! A service, in the wide sense: everything that runs or is called.

use std::{collections::BTreeMap, fmt};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{BoundaryId, ServiceId, Unknown, technology};

/// What part an element plays in the topology.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceKind {
    /// Runs our code and answers calls.
    #[default]
    Service,
    /// Takes calls from outside and passes them on.
    Gateway,
    /// A browser, an app or a device of a user.
    Client,
    /// Keeps data.
    Database,
    /// Keeps copies of data.
    Cache,
    /// Takes and hands out messages.
    Broker,
    /// Answers full-text searches.
    Search,
    /// Belongs to somebody else.
    External,
    /// Runs our code on a schedule or once, and answers nobody.
    Job,
}

impl ServiceKind {
    /// Every kind, in the order people read them.
    pub const ALL: [Self; 9] = [
        Self::Service,
        Self::Gateway,
        Self::Client,
        Self::Database,
        Self::Cache,
        Self::Broker,
        Self::Search,
        Self::External,
        Self::Job,
    ];

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Service => "Service",
            Self::Gateway => "Gateway",
            Self::Client => "Client",
            Self::Database => "Database",
            Self::Cache => "Cache",
            Self::Broker => "Broker",
            Self::Search => "Search",
            Self::External => "External",
            Self::Job => "Job",
        }
    }

    /// Whether it keeps data: a database, a cache or a search index.
    pub fn is_store(self) -> bool {
        matches!(self, Self::Database | Self::Cache | Self::Search)
    }

    /// Whether it runs our own code, so that we build, test and ship it.
    pub fn is_our_code(self) -> bool {
        matches!(self, Self::Service | Self::Job)
    }

    /// Whether it runs in our containers at all.
    pub fn is_deployed(self) -> bool {
        !matches!(self, Self::Client | Self::External)
    }
}

/// Everything that runs or is called. An absent attribute is unknown.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Service {
    /// Display name; empty means the id.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The part it plays.
    pub kind: ServiceKind,
    /// The boundary it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub boundary: Option<BoundaryId>,
    /// Whether it may be called from outside its boundary.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub public: bool,
    /// What it does, in a sentence.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The team or person who owns it, where that is not the boundary's team.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub owner: String,
    /// An id of [`technology::ALL`], or any other text.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub technology: String,
    /// The image it runs from, with its tag.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub image: String,
    /// Where its image is built from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build: Option<Build>,
    /// What replaces the image's command, word by word.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// The ports it listens on; the first is the main one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<Port>,
    /// What it can be asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub operations: Vec<Operation>,
    /// The business entities it owns.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entities: Vec<String>,
    /// How many run at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicas: Option<u32>,
    /// What one replica may use.
    #[serde(skip_serializing_if = "Resources::is_empty")]
    pub resources: Resources,
    /// Environment variables, by name. Secrets belong into `secrets`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub environment: BTreeMap<String, String>,
    /// Secrets by reference: environment variable or file → name of the secret.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub secrets: BTreeMap<String, String>,
    /// What is mounted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub volumes: Vec<Volume>,
    /// How to ask whether it is well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health: Option<HealthCheck>,
    /// Where its metrics are, such as `/metrics`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub metrics_path: String,
    /// How it writes its log, such as `json`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub log_format: String,
    /// Share of time one replica is up by itself, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub availability_percent: Option<f64>,
    /// Share of requests that must succeed, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slo_percent: Option<f64>,
    /// From 1, nobody notices, to 4, business stops.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 4))]
    pub criticality: Option<u8>,
    /// What must have started before: an order, not a call.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, StartCondition>")]
    pub starts_after: BTreeMap<ServiceId, StartCondition>,
    /// Imported settings that are not modelled, by their origin: `compose` and so on.
    #[serde(skip_serializing_if = "Unknown::is_empty")]
    pub extra: Unknown,
    /// Keys that this version does not know.
    #[serde(flatten)]
    #[schemars(skip)]
    pub unknown: Unknown,
}

impl Service {
    /// A service of this kind with nothing else said.
    pub fn of_kind(kind: ServiceKind) -> Self {
        Self {
            kind,
            ..Self::default()
        }
    }

    /// Whether a port is published on the host, so that the outside can reach it.
    pub fn is_exposed(&self) -> bool {
        self.ports.iter().any(|it| it.published.is_some())
    }

    /// The port that callers use, where one is said or its technology has a usual one.
    pub fn main_port(&self) -> Option<u16> {
        self.ports
            .first()
            .map(|it| it.number)
            .or_else(|| self.known_technology().and_then(|it| it.port))
    }

    /// What is known of its technology, by its name or its image.
    pub fn known_technology(&self) -> Option<&'static technology::Technology> {
        technology::find(&self.technology).or_else(|| technology::of_image(&self.image))
    }
}

/// Where an image is built from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Build {
    /// The folder, relative to the exported bundle.
    pub context: String,
    /// The Dockerfile inside it, where that is not `Dockerfile`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub dockerfile: String,
    /// The stage to stop at.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub target: String,
    /// Build arguments by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub arguments: BTreeMap<String, String>,
}

/// A port a service listens on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Port {
    /// Inside its container.
    pub number: u16,
    /// What is spoken there.
    #[serde(skip_serializing_if = "PortProtocol::is_default")]
    pub protocol: PortProtocol,
    /// On the host, where it is published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<u16>,
    /// The host address it is published on; empty means every one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub host_ip: String,
}

/// What is spoken on a port.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PortProtocol {
    /// HTTP.
    #[default]
    Http,
    /// gRPC over HTTP/2.
    Grpc,
    /// Anything else over TCP.
    Tcp,
    /// UDP.
    Udp,
}

impl PortProtocol {
    /// Every protocol, in the order people read them.
    pub const ALL: [Self; 4] = [Self::Http, Self::Grpc, Self::Tcp, Self::Udp];

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Http => "HTTP",
            Self::Grpc => "gRPC",
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
        }
    }

    // serde hands over a reference.
    #[allow(
        clippy::trivially_copy_pass_by_ref,
        reason = "the signature is serde's"
    )]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// Something a service can be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Operation {
    /// What people call it.
    pub name: String,
    /// HTTP method, such as `GET`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub method: String,
    /// Path, such as `/orders/{id}`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// Whether it changes anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<OperationKind>,
}

/// Whether an operation changes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OperationKind {
    /// It changes something.
    Command,
    /// It only answers.
    Query,
}

/// What one replica may use.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Resources {
    /// Thousandths of a processor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_millis: Option<u32>,
    /// Mebibytes of memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_mib: Option<u32>,
}

impl Resources {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Something mounted into a container.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Volume {
    /// A volume's name, or a path on the host if it starts with `.`, `/` or `~`;
    /// empty means an unnamed volume.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// The path in the container.
    pub target: String,
    /// Whether the container may only read.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub read_only: bool,
}

/// How to ask a service whether it is well.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct HealthCheck {
    /// HTTP path, such as `/health`; empty means its port only, or `command`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// The port, where it is not the main one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// What runs in the container instead of an HTTP call, word by word.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// The id of an answer's format; empty means: see by its content.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub format: String,
    /// Milliseconds between two checks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval_ms: Option<u64>,
    /// Milliseconds after which a check has failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// Failures in a row that count as down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retries: Option<u32>,
    /// Milliseconds after the start in which failures do not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_period_ms: Option<u64>,
}

/// How far another service must be before this one starts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StartCondition {
    /// Its process runs.
    #[default]
    Started,
    /// Its health check passes.
    Healthy,
    /// It ended without an error.
    Completed,
}

impl fmt::Display for ServiceKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.label())
    }
}
