//! The keys of Docker Compose, and what may stand there.
//!
//! A table on its own, after the Compose specification, so that checking it is one
//! look; what is done with it stands in `schema.rs`.

use super::node::{Node, Value};

/// What may stand at a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Any,
    /// Nothing, a text or a list of texts.
    Command,
    Text,
    /// A number, or text with one.
    Number,
    /// True or false, or text with one.
    Switch,
    List,
    Map,
    /// A list of `NAME=value`, or a mapping.
    ListOrMap,
    TextOrList,
    TextOrMap,
}

impl Form {
    /// Whether it may be this.
    pub(super) fn allows(self, node: &Node) -> bool {
        match &node.value {
            _ if self == Self::Any => true,
            Value::Null | Value::Text(_) if self == Self::Command => true,
            Value::List(items) if self == Self::Command => {
                items.iter().all(|it| it.as_text().is_some())
            }
            Value::List(items) if self == Self::ListOrMap => {
                items.iter().all(|it| it.scalar().is_some())
            }
            Value::Text(_) => matches!(
                self,
                Self::Text | Self::Number | Self::Switch | Self::TextOrList | Self::TextOrMap
            ),
            Value::Int(_) | Value::Float(_) => self == Self::Number,
            Value::Bool(_) => self == Self::Switch,
            Value::List(_) => matches!(self, Self::List | Self::TextOrList),
            Value::Map(_) => matches!(self, Self::Map | Self::ListOrMap | Self::TextOrMap),
            Value::Null | Value::Date(_) => false,
        }
    }

    /// As people say it.
    pub(super) fn in_words(self) -> &'static str {
        match self {
            Self::Any => "anything",
            Self::Command => "a text or a list of texts",
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Switch => "true or false",
            Self::List => "a list",
            Self::Map => "a mapping",
            Self::ListOrMap => "a list of texts or a mapping",
            Self::TextOrList => "a text or a list",
            Self::TextOrMap => "a text or a mapping",
        }
    }
}

/// Keys by what may stand there.
pub(super) type Keys = &'static [(Form, &'static [&'static str])];

pub(super) const FILE: Keys = &[
    (Form::Text, &["version", "name"]),
    (
        Form::Map,
        &[
            "services", "models", "networks", "volumes", "secrets", "configs",
        ],
    ),
    (Form::List, &["include"]),
];

pub(super) const SERVICE: Keys = &[
    (
        Form::Text,
        &[
            "cgroup",
            "cgroup_parent",
            "container_name",
            "cpuset",
            "domainname",
            "hostname",
            "image",
            "ipc",
            "isolation",
            "mac_address",
            "network_mode",
            "platform",
            "pull_policy",
            "pull_refresh_after",
            "restart",
            "runtime",
            "stop_grace_period",
            "stop_signal",
            "user",
            "userns_mode",
            "uts",
            "working_dir",
        ],
    ),
    (
        Form::Number,
        &[
            "cpu_count",
            "cpu_percent",
            "cpu_period",
            "cpu_quota",
            "cpu_rt_period",
            "cpu_rt_runtime",
            "cpu_shares",
            "cpus",
            "mem_limit",
            "mem_reservation",
            "mem_swappiness",
            "memswap_limit",
            "oom_score_adj",
            "pids_limit",
            "scale",
            "shm_size",
        ],
    ),
    (
        Form::Switch,
        &[
            "attach",
            "init",
            "oom_kill_disable",
            "privileged",
            "read_only",
            "stdin_open",
            "tty",
            "use_api_socket",
        ],
    ),
    (
        Form::List,
        &[
            "cap_add",
            "cap_drop",
            "configs",
            "device_cgroup_rules",
            "devices",
            "dns_opt",
            "expose",
            "external_links",
            "group_add",
            "links",
            "ports",
            "post_start",
            "pre_stop",
            "profiles",
            "secrets",
            "security_opt",
            "volumes",
            "volumes_from",
        ],
    ),
    (
        Form::Map,
        &[
            "blkio_config",
            "credential_spec",
            "healthcheck",
            "logging",
            "provider",
            "storage_opt",
            "ulimits",
        ],
    ),
    (
        Form::ListOrMap,
        &[
            "annotations",
            "depends_on",
            "environment",
            "extra_hosts",
            "labels",
            "models",
            "networks",
            "sysctls",
        ],
    ),
    (
        Form::TextOrList,
        &["dns", "dns_search", "env_file", "label_file", "tmpfs"],
    ),
    (Form::TextOrMap, &["build", "extends"]),
    (Form::Command, &["command", "entrypoint"]),
    (Form::Any, &["deploy", "develop", "gpus", "pid"]),
];

pub(super) const BUILD: Keys = &[
    (Form::ListOrMap, &["args"]),
    (
        Form::Text,
        &[
            "context",
            "dockerfile",
            "dockerfile_inline",
            "isolation",
            "network",
            "target",
        ],
    ),
    (
        Form::Any,
        &[
            "additional_contexts",
            "cache_from",
            "cache_to",
            "entitlements",
            "extra_hosts",
            "labels",
            "no_cache",
            "platforms",
            "privileged",
            "provenance",
            "pull",
            "sbom",
            "secrets",
            "shm_size",
            "ssh",
            "tags",
            "ulimits",
        ],
    ),
];

pub(super) const DEPLOY: Keys = &[
    (Form::Number, &["replicas"]),
    (
        Form::Any,
        &[
            "endpoint_mode",
            "labels",
            "mode",
            "placement",
            "resources",
            "restart_policy",
            "rollback_config",
            "update_config",
        ],
    ),
];

pub(super) const HEALTH_CHECK: Keys = &[
    (
        Form::Text,
        &["interval", "timeout", "start_period", "start_interval"],
    ),
    (Form::Number, &["retries"]),
    (Form::Switch, &["disable"]),
    (Form::TextOrList, &["test"]),
];

pub(super) const LOGGING: Keys = &[(Form::Any, &["driver", "options"])];

pub(super) const RESOURCES: Keys = &[(Form::Map, &["limits", "reservations"])];

pub(super) const NETWORK: Keys = &[(
    Form::Any,
    &[
        "attachable",
        "driver",
        "driver_opts",
        "enable_ipv4",
        "enable_ipv6",
        "external",
        "internal",
        "ipam",
        "labels",
        "name",
    ],
)];

pub(super) const VOLUME: Keys = &[(
    Form::Any,
    &["driver", "driver_opts", "external", "labels", "name"],
)];

pub(super) const SECRET: Keys = &[(
    Form::Any,
    &[
        "driver",
        "driver_opts",
        "environment",
        "external",
        "file",
        "labels",
        "name",
        "template_driver",
    ],
)];

pub(super) const CONFIG: Keys = &[(
    Form::Any,
    &[
        "content",
        "environment",
        "external",
        "file",
        "labels",
        "name",
        "template_driver",
    ],
)];
