//! What other targets that run containers need to know of one: what it is told, which
//! secrets it reads, how it is kept small. Worked out where Compose's own file is, so
//! that a container is the same wherever it runs.

use std::collections::{BTreeMap, BTreeSet};

use super::{environment, hardening, health, program, secrets::Secrets, service, volumes};
use crate::{
    export::{
        bundle::{self, HealthTiming, Origin},
        yaml::Value,
    },
    model::{Model, Service, ServiceId},
};

/// A container, whatever runs it.
#[derive(Debug)]
pub(in crate::export) struct Container {
    /// Variables, sorted by name; their texts are meant as they stand.
    pub(in crate::export) environment: BTreeMap<String, String>,
    /// Variables that whoever starts the system says.
    pub(in crate::export) asked: BTreeSet<String>,
    /// Each secret it reads, and the path of its file.
    pub(in crate::export) secrets: Vec<(String, String)>,
    /// What replaces the image's command, word by word.
    pub(in crate::export) command: Vec<String>,
    /// What runs in it to see whether it is well; empty where nothing is known.
    pub(in crate::export) health: Vec<String>,
    /// When that runs.
    pub(in crate::export) timing: HealthTiming,
    /// The user and group it runs as; empty where the image has one.
    pub(in crate::export) user: &'static str,
    /// What it writes besides its data.
    pub(in crate::export) temporary: &'static [&'static str],
    /// Whether everything else may be read-only.
    pub(in crate::export) read_only: bool,
    /// Rights it cannot do without.
    pub(in crate::export) rights: &'static [&'static str],
    /// Where it keeps data that must outlive it; empty where nowhere.
    pub(in crate::export) data: String,
    /// Thousandths of a processor it may use.
    pub(in crate::export) cpu_millis: u32,
    /// Mebibytes it may use.
    pub(in crate::export) memory_mib: u32,
}

/// The container of a service.
pub(in crate::export) fn container(model: &Model, id: &ServiceId, it: &Service) -> Container {
    let (mut secrets, mut asked) = (Secrets::default(), BTreeMap::new());
    let told = environment::of(model, (id, it), &mut secrets, &mut asked, &mut Vec::new());
    let plain = |text: &str| text.replace("$$", "$");
    let environment = told.environment.iter();
    let environment: BTreeMap<_, _> = environment
        .filter(|(name, _)| !asked.contains_key(*name))
        .map(|(name, text)| (name.clone(), plain(text)))
        .collect();
    let hardened = hardening::hardening(it);
    let positive = |value: Option<u32>| value.filter(|it| *it > 0);
    let health = health::test(model, id, it).unwrap_or_default();
    Container {
        environment,
        asked: asked.into_keys().collect(),
        secrets: told.secrets.iter().filter_map(secret).collect(),
        command: service::command(id, it)
            .iter()
            .map(|it| plain(it))
            .collect(),
        health: health.iter().map(|it| plain(it)).collect(),
        timing: health::timing(it),
        user: user(it),
        temporary: hardened.map_or(&[], |it| it.temporary),
        read_only: hardened.is_some_and(|it| it.read_only),
        rights: hardened.map_or(&[], |it| it.rights),
        data: data(it),
        cpu_millis: positive(it.resources.cpu_millis).unwrap_or(service::DEFAULT_CPU_MILLIS),
        memory_mib: service::memory_mib(it),
    }
}

/// Whom the images that Meshboard names run as by themselves, where that is no root.
const OWN_USERS: [(&str, &str); 6] = [
    ("elasticsearch", "1000:0"),
    ("grafana", "472:0"),
    ("kafka", "1000:1000"),
    ("memcached", "11211:11211"),
    ("mssql", "10001:0"),
    ("prometheus", "65534:65534"),
];

/// The user and group of a container; empty where nothing is known of its image.
fn user(it: &Service) -> &'static str {
    let said = hardening::hardening(it).map_or("", |it| it.user);
    match bundle::origin(it) {
        Origin::Program(known) if said.is_empty() && hardening::has_usual_users(it) => OWN_USERS
            .iter()
            .find(|(id, _)| *id == known.id)
            .map_or("", |(_, user)| user),
        Origin::Program(_) | Origin::Ours(_) | Origin::Foreign => said,
    }
}

/// A secret's name and the path of its file.
fn secret(value: &Value) -> Option<(String, String)> {
    match value {
        Value::Text(name) => Some((name.clone(), super::secrets::path(name))),
        Value::Map(map) => match (map.get("source"), map.get("target")) {
            (Some(Value::Text(name)), Some(Value::Text(path))) => {
                Some((name.clone(), path.replace("$$", "$")))
            }
            (_, _) => None,
        },
        _ => None,
    }
}

fn data(service: &Service) -> String {
    match bundle::origin(service) {
        Origin::Program(known) => program::find(known.id)
            .filter(|it| !it.data.is_empty() && service.volumes.is_empty())
            .map_or_else(String::new, |it| {
                volumes::data_folder(service, it.data).to_owned()
            }),
        Origin::Ours(_) | Origin::Foreign => String::new(),
    }
}
