//! What a container may not do: whom it runs as, what it may write, which rights it keeps.

use super::program;
use crate::{
    export::{
        bundle::{self, Origin},
        yaml::{Map, Value},
    },
    model::{Service, ServiceId},
};

/// What an image needs that starts as root and goes on as somebody else.
const STEP_DOWN: [&str; 5] = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"];

/// How a container is kept from doing more than it must.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hardening {
    /// The user it runs as, and its group; empty where the image has one.
    pub(super) user: &'static str,
    /// What it writes besides its data.
    pub(super) temporary: &'static [&'static str],
    /// Whether everything else may be read-only.
    pub(super) read_only: bool,
    /// The only rights it keeps.
    pub(super) rights: &'static [&'static str],
}

/// Whether a program's image has the users of the one that Meshboard names: another
/// image of the same program may know others, and so does another base.
pub(super) fn has_usual_users(service: &Service) -> bool {
    let Origin::Program(known) = bundle::origin(service) else {
        return false;
    };
    let family = |image: &str| {
        let name = image.split(['@', ':']).next().unwrap_or(image).to_owned();
        let name = name.trim_start_matches("docker.io/").to_owned();
        (
            name.trim_start_matches("library/").to_owned(),
            image.contains("alpine"),
        )
    };
    service.image.is_empty()
        || known
            .image
            .is_some_and(|it| family(it) == family(&service.image))
}

/// What is known to be safe for a service; nothing for a foreign image.
pub(super) fn hardening(service: &Service) -> Option<Hardening> {
    match bundle::origin(service) {
        Origin::Ours(_) => Some(Hardening {
            user: bundle::APPLICATION_USER,
            temporary: &["/tmp"],
            read_only: true,
            rights: &[],
        }),
        Origin::Program(known) => {
            let program = program::find(known.id)?;
            let user = if has_usual_users(service) {
                program.user
            } else {
                ""
            };
            Some(Hardening {
                user,
                temporary: program.temporary,
                read_only: program.read_only,
                // A gateway gains nothing from becoming another user.
                rights: if user.is_empty() && !program.user.is_empty() && !program.asks_gateway {
                    &STEP_DOWN
                } else {
                    program.capabilities
                },
            })
        }
        Origin::Foreign => None,
    }
}

/// Takes from a container what it does not need.
pub(super) fn harden(map: &mut Map, service: &Service, notes: &mut Vec<String>, id: &ServiceId) {
    map.set("init", true);
    let options: Vec<Value> = vec!["no-new-privileges:true".into()];
    let Some(hardening) = hardening(service) else {
        map.set("security_opt", options);
        if bundle::origin(service) == Origin::Foreign {
            notes.push(format!(
                "Nothing is known of the image of {id}: it keeps its user, its rights and a writable disk."
            ));
        }
        return;
    };
    if !hardening.user.is_empty() {
        map.set("user", hardening.user);
    }
    if hardening.read_only {
        map.set("read_only", true);
        let mounts = hardening.temporary.iter();
        let size = temporary_mib(super::service::memory_mib(service));
        let mounts = mounts.map(|it| Value::from(temporary_mount(it, size)));
        map.set("tmpfs", Value::List(mounts.collect()));
    }
    map.set("cap_drop", ["ALL"]);
    if !hardening.rights.is_empty() {
        map.set("cap_add", hardening.rights.to_vec());
    }
    map.set("security_opt", options);
}

/// Mebibytes of a folder that is gone with the container. It is memory of the container,
/// which must be left enough of it to say that the folder is full.
fn temporary_mib(memory_mib: u32) -> u32 {
    (memory_mib / 4).clamp(1, 64)
}

fn temporary_mount(path: &str, mib: u32) -> String {
    format!("{path}:rw,noexec,nosuid,size={mib}m,mode=1777")
}
