//! What a pod writes and reads besides its image: data that lasts, what goes with it,
//! secrets.

use super::{Pods, names, pod};
use crate::{
    export::yaml::{Map, Value},
    model::{Service, Volume},
};

/// Gibibytes of a volume for data. Ours: enough to start with, and most storage grows.
const DATA_GIB: u32 = 10;

/// Where in a claimed volume the data lies: beside the disk's own `lost+found`, which many
/// stores take for something of theirs, or refuse to start with.
const FOLDER: &str = "data";

/// Volumes that last, by their drawn name.
pub(super) fn lasting(service: &Service) -> impl Iterator<Item = &Volume> {
    let drawn = service.volumes.iter();
    drawn.filter(|it| !it.source.is_empty() && !it.source.starts_with(['.', '/', '~']))
}

fn volume_name(number: usize) -> String {
    if number == 0 {
        "data".to_owned()
    } else {
        format!("data-{number}")
    }
}

/// What a controller claims for each pod.
pub(super) fn claims(pods: &Pods<'_>) -> Vec<Map> {
    let program = usize::from(!pods.container.data.is_empty());
    let count = program + lasting(pods.service).count();
    let claim = |number| {
        let size = Value::from([("storage", format!("{DATA_GIB}Gi").into())]);
        Map::from([
            (
                "metadata",
                Value::from([("name", volume_name(number).into())]),
            ),
            (
                "spec",
                Value::from([
                    ("accessModes", ["ReadWriteOnce"].into()),
                    ("resources", Value::from([("requests", size)])),
                ]),
            ),
        ])
    };
    (0..count).map(claim).collect()
}

/// The volumes of a pod that nothing claims.
pub(super) fn volumes(pods: &Pods<'_>, temporary_mib: u32) -> Vec<Map> {
    let mut all = Vec::new();
    let unnamed = pods
        .service
        .volumes
        .iter()
        .filter(|it| it.source.is_empty());
    let count = temporary(pods).len() + unnamed.count();
    for number in 0..count {
        let limit = Value::from([("sizeLimit", format!("{temporary_mib}Mi").into())]);
        all.push(Map::from([
            ("name", format!("temporary-{number}").into()),
            ("emptyDir", limit),
        ]));
    }
    for (name, path) in &pods.container.secrets {
        let file = path.rsplit('/').next().unwrap_or(name);
        let item = Map::from([("key", "value".into()), ("path", file.into())]);
        let mut secret = Map::from([
            ("secretName", names::secret(name).into()),
            ("items", super::list([item])),
        ]);
        secret.set_with_comment("defaultMode", Value::Int(0o440), "0440 in octal.");
        all.push(Map::from([
            ("name", pod::secret_volume(name).into()),
            ("secret", secret.into()),
        ]));
    }
    all
}

fn temporary(pods: &Pods<'_>) -> &'static [&'static str] {
    if pods.container.read_only {
        pods.container.temporary
    } else {
        &[]
    }
}

/// Where everything is mounted.
pub(super) fn mounts(pods: &Pods<'_>) -> Vec<Map> {
    let mut all = Vec::new();
    let mut mount = |name: String, path: &str| {
        let map = Map::from([("name", name.into()), ("mountPath", path.into())]);
        all.push(map);
        all.len() - 1
    };
    let (mut read_only, mut inside) = (Vec::new(), Vec::new());
    let mut number = 0;
    if !pods.container.data.is_empty() {
        let at = mount(volume_name(number), &pods.container.data);
        inside.push((at, FOLDER.to_owned()));
        number += 1;
    }
    for volume in lasting(pods.service) {
        let at = mount(volume_name(number), &volume.target);
        inside.push((at, FOLDER.to_owned()));
        if volume.read_only {
            read_only.push(at);
        }
        number += 1;
    }
    let unnamed = pods
        .service
        .volumes
        .iter()
        .filter(|it| it.source.is_empty());
    let fleeting = temporary(pods).iter().copied();
    let fleeting = fleeting.chain(unnamed.map(|it| it.target.as_str()));
    for (number, path) in fleeting.enumerate() {
        mount(format!("temporary-{number}"), path);
    }
    for (name, path) in &pods.container.secrets {
        let at = mount(pod::secret_volume(name), path);
        read_only.push(at);
        // One file of a volume: the folder around it may hold others.
        inside.push((at, path.rsplit('/').next().unwrap_or(name).to_owned()));
    }
    for at in read_only {
        all[at].set("readOnly", true);
    }
    for (at, file) in inside {
        all[at].set("subPath", file);
    }
    all
}

/// Every secret of the pods, by the name it has in the cluster.
pub(super) fn secrets<'a>(pods: &'a Pods<'_>) -> impl Iterator<Item = (String, &'a str)> {
    let secrets = pods.container.secrets.iter();
    secrets.map(|(name, _)| (names::secret(name), name.as_str()))
}
