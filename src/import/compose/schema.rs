//! Which keys Compose knows, and what may stand there.
//!
//! A key that is misspelt would otherwise be lost without a word. Only as deep as the
//! import looks: the rest is kept as it is.

use super::node::{Entries, Node, Problem, Value};

/// What may stand at a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Any,
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
    fn allows(self, node: &Node) -> bool {
        match &node.value {
            Value::Text(_) => matches!(
                self,
                Self::Text | Self::Number | Self::Switch | Self::TextOrList | Self::TextOrMap
            ),
            Value::Int(_) | Value::Float(_) => self == Self::Number,
            Value::Bool(_) => self == Self::Switch,
            Value::List(_) => matches!(self, Self::List | Self::ListOrMap | Self::TextOrList),
            Value::Map(_) => matches!(self, Self::Map | Self::ListOrMap | Self::TextOrMap),
            Value::Null | Value::Date(_) => false,
        }
    }

    fn in_words(self) -> &'static str {
        match self {
            Self::Any => "anything",
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Switch => "true or false",
            Self::List => "a list",
            Self::Map => "a mapping",
            Self::ListOrMap => "a list or a mapping",
            Self::TextOrList => "a text or a list",
            Self::TextOrMap => "a text or a mapping",
        }
    }
}

type Keys = &'static [(Form, &'static [&'static str])];

const FILE: Keys = &[
    (Form::Text, &["version", "name"]),
    (
        Form::Map,
        &[
            "services", "models", "networks", "volumes", "secrets", "configs",
        ],
    ),
    (Form::List, &["include"]),
];

const SERVICE: Keys = &[
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
    (
        Form::Any,
        &["command", "deploy", "develop", "entrypoint", "gpus", "pid"],
    ),
];

const BUILD: Keys = &[
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
            "args",
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

const DEPLOY: Keys = &[
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

const HEALTH_CHECK: Keys = &[
    (
        Form::Text,
        &["interval", "timeout", "start_period", "start_interval"],
    ),
    (Form::Number, &["retries"]),
    (Form::Switch, &["disable"]),
    (Form::TextOrList, &["test"]),
];

/// Checks the keys of a whole tree.
pub(super) fn check(tree: &Node) -> Result<(), Problem> {
    let Some(entries) = tree.entries() else {
        return Ok(());
    };
    keys(entries, FILE, "")?;
    let services = tree.get("services").and_then(Node::entries);
    for (name, service) in services.into_iter().flatten() {
        if !is_name(name) {
            return Err(Problem::at(
                service.place,
                format!("{name:?} is no name of a service"),
                "use letters, digits, dots, hyphens and underscores",
            ));
        }
        let Some(entries) = service.entries() else {
            return Err(Problem::at(
                service.place,
                format!(
                    "service {name:?} is {} instead of a mapping",
                    service.kind()
                ),
                "give it at least an image or a build below its name",
            ));
        };
        keys(entries, SERVICE, name)?;
        for (key, known) in [
            ("build", BUILD),
            ("deploy", DEPLOY),
            ("healthcheck", HEALTH_CHECK),
        ] {
            if let Some(inside) = service.get(key).and_then(Node::entries) {
                keys(inside, known, &format!("{name}.{key}"))?;
            }
        }
    }
    Ok(())
}

/// Whether Compose takes a text for the name of a service, network or volume.
fn is_name(text: &str) -> bool {
    let allowed = |it: char| it.is_ascii_alphanumeric() || matches!(it, '.' | '_' | '-');
    !text.is_empty() && text.chars().all(allowed)
}

fn keys(entries: &Entries, known: Keys, path: &str) -> Result<(), Problem> {
    let dot = if path.is_empty() { "" } else { "." };
    for (key, node) in entries {
        if key.starts_with("x-") {
            continue;
        }
        let form = known
            .iter()
            .find(|(_, keys)| keys.contains(&key.as_str()))
            .map(|(form, _)| *form);
        let Some(form) = form else {
            return Err(Problem::at(
                node.place,
                format!("Docker Compose knows no key {path}{dot}{key}"),
                "correct it, remove it, or start it with x- to keep it as a remark",
            ));
        };
        if form != Form::Any && !form.allows(node) {
            return Err(Problem::at(
                node.place,
                format!(
                    "{path}{dot}{key} is {}, but should be {}",
                    node.kind(),
                    form.in_words()
                ),
                "write it so, or remove the key",
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::import::compose::{budget::Budget, yaml::documents};

    fn problem(text: &str) -> String {
        let tree = documents(text, 0, &mut Budget::default())
            .unwrap()
            .remove(0);
        match super::check(&tree) {
            Ok(()) => "fine".to_owned(),
            Err(problem) => format!("{}: {}", problem.place.unwrap().line, problem.what),
        }
    }

    #[test]
    fn misspelt_keys_are_named_with_their_line() {
        assert_eq!(
            problem("services:\n  a:\n    imgae: x\n"),
            "3: Docker Compose knows no key a.imgae"
        );
        assert_eq!(
            problem("x-a: 1\nwat: 1\n"),
            "2: Docker Compose knows no key wat"
        );
        assert_eq!(
            problem("services: {a: {deploy: {wat: 1}}}"),
            "1: Docker Compose knows no key a.deploy.wat"
        );
    }

    #[test]
    fn what_stands_in_the_wrong_form_is_named() {
        assert_eq!(
            problem("services: {a: {image: 1}}"),
            "1: a.image is a number, but should be a text"
        );
        assert_eq!(
            problem("services: {a: {ports: {a: b}}}"),
            "1: a.ports is a mapping, but should be a list"
        );
        assert_eq!(
            problem("services: {a: }"),
            "1: service \"a\" is nothing instead of a mapping"
        );
        assert_eq!(
            problem("services: [a]"),
            "1: services is a list, but should be a mapping"
        );
        assert_eq!(
            problem("services: {a b: {}}"),
            "1: \"a b\" is no name of a service"
        );
    }

    #[test]
    fn what_compose_allows_is_fine() {
        assert_eq!(
            problem(
                "services: {a: {build: ., command: , environment: [A], tty: true, cpus: '1', x-y: 1}}"
            ),
            "fine"
        );
    }
}
