//! A route: what a gateway passes on to whom, and within which limits.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ServiceId, Unknown};

/// What a gateway passes on. An absent limit is unknown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Route {
    /// The gateway it belongs to.
    #[schemars(with = "String")]
    pub gateway: ServiceId,
    /// The host name asked for; empty means any.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub host: String,
    /// The start of the path, from `/` on.
    pub path_prefix: String,
    /// The methods it is for; none means every one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<Method>,
    /// Who answers.
    #[schemars(with = "String")]
    pub service: ServiceId,
    /// The port there, where it is not the main one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// Whether the prefix is taken off before passing on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub strip_prefix: bool,
    /// Milliseconds after which the gateway gives up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// The largest body, in kibibytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_limit_kib: Option<u64>,
    /// How often one client may ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<RateLimit>,
    /// Who may ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authentication: Option<Authentication>,
    /// Which web pages may ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cors: Option<Cors>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    #[schemars(skip)]
    pub unknown: Unknown,
}

impl Route {
    /// A route of which only its ends are said.
    pub fn new(gateway: ServiceId, path_prefix: impl Into<String>, service: ServiceId) -> Self {
        Self {
            gateway,
            host: String::new(),
            path_prefix: path_prefix.into(),
            methods: Vec::new(),
            service,
            port: None,
            strip_prefix: false,
            timeout_ms: None,
            body_limit_kib: None,
            rate_limit: None,
            authentication: None,
            cors: None,
            unknown: Unknown::new(),
        }
    }

    /// `api.example.com/orders`, as people read it.
    pub fn label(&self) -> String {
        format!("{}{}", self.host, self.path_prefix)
    }
}

/// An HTTP method.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
    Options,
}

impl Method {
    /// Every method, in the order people read them.
    pub const ALL: [Self; 7] = [
        Self::Get,
        Self::Head,
        Self::Post,
        Self::Put,
        Self::Patch,
        Self::Delete,
        Self::Options,
    ];

    /// As it stands on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// How often one client may ask.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RateLimit {
    /// Requests a second, on average.
    pub requests_per_second: u32,
    /// Requests that may come at once on top.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub burst: Option<u32>,
}

/// How a gateway knows who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Authentication {
    /// Anybody may ask; said, not forgotten.
    None,
    /// A key in a header.
    ApiKey,
    /// A signed token.
    Jwt,
    /// Another service is asked first.
    ForwardAuth,
}

/// Which web pages may ask.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Cors {
    /// Origins such as `https://shop.example.com`, or `*`.
    pub origins: Vec<String>,
    /// Whether cookies may be sent along.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub credentials: bool,
}
