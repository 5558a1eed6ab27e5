//! Secrets by file: who reads which, and the text that tells how to make them.
//!
//! A secret is never in an exported file. Whoever runs the system puts it into
//! `secrets/`, which git is told to leave alone.

use std::{collections::BTreeMap, fmt::Write as _};

use super::program::{Login, Password, Program};
use crate::{
    export::{
        bundle,
        yaml::{Map, Value},
    },
    model::{Model, Service, ServiceId},
};

/// The folder of the bundle that secrets are put into.
const FOLDER: &str = "secrets";

/// Every secret of the system.
#[derive(Debug, Default)]
pub(super) struct Secrets {
    all: BTreeMap<String, Secret>,
}

#[derive(Debug, Default)]
struct Secret {
    file: String,
    what: String,
    readers: Vec<String>,
}

impl Secrets {
    /// Notes that a service reads a secret; the secret's name in the compose file.
    pub(super) fn read_by(
        &mut self,
        reader: &ServiceId,
        name: &str,
        ending: &str,
        what: &str,
    ) -> String {
        let secret = self.all.entry(name.to_owned()).or_default();
        if secret.file.is_empty() {
            secret.file = format!("{name}.{ending}");
            what.clone_into(&mut secret.what);
        }
        if !secret.readers.iter().any(|it| it == reader.as_str()) {
            secret.readers.push(reader.to_string());
        }
        name.to_owned()
    }

    /// The compose file's own section.
    pub(super) fn section(&self) -> Map {
        self.all
            .iter()
            .map(|(name, it)| {
                let file = format!("./{FOLDER}/{}", it.file);
                (name.as_str(), Value::from([("file", file.into())]))
            })
            .collect()
    }

    /// The files that tell how to make the secrets and keep them out of git.
    pub(super) fn files(&self) -> Vec<(String, String)> {
        if self.all.is_empty() {
            return Vec::new();
        }
        let mut text = String::from(
            "# Secrets\n\nDocker Compose mounts these files; none of them is in version control.\n\
             Make each one before the first start, from this folder:\n\n```sh\numask 022\n",
        );
        // Settings repeat a password, which must be there first.
        let mut all: Vec<_> = self.all.iter().collect();
        all.sort_by_key(|(_, it)| it.what == SETTINGS);
        for (name, secret) in all {
            let file = &secret.file;
            let line = match secret.what.as_str() {
                SETTINGS => {
                    let password = name.replace("_credentials", "_password");
                    format!(
                        "printf 'default_user = app\\ndefault_pass = %s\\n' \"$(cat {password}.txt)\" > {file}"
                    )
                }
                _ => format!("openssl rand -hex 32 | tr -d '\\n' > {file}"),
            };
            writeln!(text, "{line}").unwrap_or_default();
        }
        text.push_str(
            "```\n\nContainers run without privileges, so the files must be readable for them \
             (`0644`);\nkeep this folder closed to other users of the machine (`chmod 700 .`).\n\n\
             | file | what it is | read by |\n| --- | --- | --- |\n",
        );
        for secret in self.all.values() {
            let readers = secret.readers.join(", ");
            writeln!(text, "| `{}` | {} | {readers} |", secret.file, secret.what)
                .unwrap_or_default();
        }
        let keep_out = "# Secrets stay on the machine they are for.\n*\n!.gitignore\n!README.md\n";
        vec![
            (format!("{FOLDER}/README.md"), text),
            (format!("{FOLDER}/.gitignore"), keep_out.to_owned()),
        ]
    }
}

/// What the table says of a file with more than a password in it.
const SETTINGS: &str = "user and password as settings";

/// A secret's name as Compose takes it; a drawn name that has other characters becomes
/// the nearest one.
pub(super) fn name_of(text: &str) -> String {
    let allowed = |it: char| it.is_ascii_alphanumeric() || "._-".contains(it);
    if !text.is_empty() && text.len() <= 200 && text.chars().all(allowed) && !text.starts_with('.')
    {
        return text.to_owned();
    }
    let id = ServiceId::from_display_name(text, "secret");
    id.as_str().replace('-', "_")
}

/// The name of the secret with a program's password.
pub(super) fn password_of(id: &ServiceId) -> String {
    format!("{}_password", id.as_str().replace('-', "_"))
}

/// Where a container finds a secret.
pub(super) fn path(name: &str) -> String {
    format!("/run/secrets/{name}")
}

/// How the program of a service learns its password, unless the design says it.
pub(super) fn open_login(service: &Service) -> Option<&'static Login> {
    let bundle::Origin::Program(known) = bundle::origin(service) else {
        return None;
    };
    let login = super::program::find(known.id)?.login.as_ref()?;
    let is_said = |name: &str| {
        let short = name.trim_end_matches("_FILE").trim_end_matches('_');
        [name, short]
            .iter()
            .any(|it| service.environment.contains_key(*it) || service.secrets.contains_key(*it))
    };
    let decided = match login.password {
        Password::FileVariable(name) | Password::Command(name) => is_said(name),
        Password::Settings(path) => {
            service.secrets.contains_key(path)
                || service.environment.contains_key("RABBITMQ_DEFAULT_PASS")
        }
    };
    (!decided && !bundle::is_imported(service)).then_some(login)
}

/// What a program's own container needs for its password.
pub(super) fn of_program(
    id: &ServiceId,
    service: &Service,
    secrets: &mut Secrets,
    environment: &mut BTreeMap<String, String>,
) -> Vec<Value> {
    let Some(login) = open_login(service) else {
        return Vec::new();
    };
    let password = password_of(id);
    match login.password {
        Password::FileVariable(variable) => {
            environment.insert(variable.to_owned(), path(&password));
            vec![secrets.read_by(id, &password, "txt", "a password").into()]
        }
        Password::Command(_) => vec![secrets.read_by(id, &password, "txt", "a password").into()],
        Password::Settings(target) => {
            let name = format!("{}_credentials", id.as_str().replace('-', "_"));
            let source = secrets.read_by(id, &name, "conf", SETTINGS);
            vec![Value::from([
                ("source", source.into()),
                ("target", target.into()),
            ])]
        }
    }
}

/// What a caller is told of the users of those it needs; the secrets it reads.
pub(super) fn of_caller(
    model: &Model,
    id: &ServiceId,
    secrets: &mut Secrets,
    environment: &mut BTreeMap<String, String>,
) -> Vec<Value> {
    let mut read = Vec::new();
    for (_, dependency) in model.dependencies_of(id) {
        let target = model.services.get(&dependency.to);
        let Some((target, login)) = target.and_then(|it| Some((it, open_login(it)?))) else {
            continue;
        };
        let prefix = bundle::prefix(&dependency.to);
        let said = |name: &str, usual: &str| {
            let value = target.environment.get(name).map_or(usual, String::as_str);
            super::words::literal(value)
        };
        let mut tell = |name: &str, value: String| {
            environment
                .entry(format!("{prefix}_{name}"))
                .or_insert(value);
        };
        tell("USER", said(login.user.0, login.user.1));
        if !login.database.is_empty() {
            tell("DATABASE", said(login.database, "app"));
        }
        let password = password_of(&dependency.to);
        tell("PASSWORD_FILE", path(&password));
        read.push(secrets.read_by(id, &password, "txt", "a password").into());
    }
    read.dedup();
    read
}

/// Replaces what stands for the service's own in a fact of a program.
pub(super) fn filled(fact: &str, id: &ServiceId, service: &Service, program: &Program) -> String {
    let user = program.login.as_ref().map_or("", |it| it.user.1);
    fact.replace("{id}", &bundle::host(id))
        .replace("{port}", &bundle::port(service).to_string())
        .replace("{user}", user)
        .replace("{database}", "app")
        .replace("{secret}", &path(&password_of(id)))
}
