//! What is mounted into a container: configuration, drawn volumes, data that lasts.

use super::{Writing, program, words};
use crate::{
    export::{
        bundle::{self, Origin},
        yaml::{Map, Value},
    },
    model::{Service, ServiceId, Volume},
};

/// Mounts what a gateway, a person or a program needs into a container.
pub(super) fn mount_all(
    writing: &mut Writing<'_>,
    map: &mut Map,
    id: &ServiceId,
    service: &Service,
) {
    let mut mounts: Vec<Value> = Vec::new();
    if let Some(gateway) = writing.gateways.iter().find(|it| it.id == id)
        && !bundle::is_imported(service)
    {
        for (path, target) in gateway.mounts() {
            mounts.push(mount("bind", &format!("./{path}"), target, true).into());
        }
    }
    if let Some(path) = bundle::breaker_settings(writing.model, id, service) {
        let target = bundle::BREAKER_SETTINGS_TARGET;
        mounts.push(mount("bind", &format!("./{path}"), target, true).into());
    }
    for volume in &service.volumes {
        if let Some(mounted) = drawn_volume(writing, id, volume) {
            mounts.push(mounted.into());
        }
    }
    if let Origin::Program(known) = bundle::origin(service)
        && let Some(program) = program::find(known.id)
        && !program.data.is_empty()
        && service.volumes.is_empty()
        && !bundle::is_imported(service)
    {
        let name = format!("{}_data", id.as_str().replace('-', "_"));
        let target = data_folder(service, program.data);
        writing.volumes.set(name.as_str(), Map::default());
        mounts.push(mount("volume", &name, target, false).into());
    }
    if !mounts.is_empty() {
        map.set("volumes", mounts);
    }
}

/// From version 18 on the official `PostgreSQL` image wants one folder further up.
pub(super) fn data_folder<'a>(service: &Service, usual: &'a str) -> &'a str {
    let tag = service.image.rsplit_once(':').map_or("", |it| it.1);
    let version: String = tag.chars().take_while(char::is_ascii_digit).collect();
    match version.parse::<u32>() {
        Ok(18..=99) if usual == "/var/lib/postgresql/data" => "/var/lib/postgresql",
        Ok(_) | Err(_) => usual,
    }
}

fn drawn_volume(writing: &mut Writing<'_>, id: &ServiceId, volume: &Volume) -> Option<Map> {
    let source = words::literal(&volume.source);
    let target = words::literal(&volume.target);
    if source.is_empty() {
        return Some(Map::from([
            ("type", "volume".into()),
            ("target", target.into()),
        ]));
    }
    if source.starts_with(['.', '/', '~']) {
        let mut bind = mount("bind", &source, &target, volume.read_only);
        bind.set("bind", Map::from([("create_host_path", true.into())]));
        return Some(bind);
    }
    if !words::is_volume_name(&source) {
        writing.notes.push(format!(
            "{id} leaves out the volume {:?}: it has no usable name.",
            volume.source
        ));
        return None;
    }
    writing.volumes.set(source.as_str(), Map::default());
    Some(mount("volume", &source, &target, volume.read_only))
}

fn mount(kind: &str, source: &str, target: &str, read_only: bool) -> Map {
    let mut map = Map::from([
        ("type", kind.into()),
        ("source", source.into()),
        ("target", target.into()),
    ]);
    if read_only {
        map.set("read_only", true);
    }
    map
}
