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

/// How a secret comes about.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) enum Recipe {
    /// Nobody has to know it: it is made up.
    #[default]
    MadeUp,
    /// What prints it, a command of the shell.
    Printed(String),
    /// Somebody else says it.
    Given,
}

#[derive(Debug, Default)]
struct Secret {
    file: String,
    what: String,
    recipe: Recipe,
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

    /// Says how a secret comes about that is not made up.
    pub(super) fn comes_about(&mut self, name: &str, recipe: Recipe) {
        if let Some(secret) = self.all.get_mut(name)
            && secret.recipe == Recipe::MadeUp
        {
            secret.recipe = recipe;
        }
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
        text.push_str(&self.commands());
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

    /// What makes each secret. Some repeat a password, which must be there first.
    fn commands(&self) -> String {
        let (mut made, mut printed, mut given) = (String::new(), String::new(), String::new());
        for (name, secret) in &self.all {
            let file = &secret.file;
            let (text, line) = match &secret.recipe {
                _ if secret.what == SETTINGS => {
                    let password = name.replace("_credentials", "_password");
                    let format = "default_user = app\\ndefault_pass = %s\\n";
                    let line = format!("printf '{format}' \"$(cat {password}.txt)\" > {file}");
                    (&mut printed, line)
                }
                Recipe::Printed(command) => (&mut printed, format!("{command} > {file}")),
                Recipe::Given => (&mut given, format!("printf '%s' 'VALUE' > {file}")),
                Recipe::MadeUp => (
                    &mut made,
                    format!("openssl rand -hex 32 | tr -d '\\n' > {file}"),
                ),
            };
            writeln!(text, "{line}").unwrap_or_default();
        }
        if !given.is_empty() {
            given.insert_str(
                0,
                "# Not made up but given: put each one in place of VALUE.\n",
            );
        }
        made + &printed + &given
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

/// How a drawn secret comes about, by the variable that asks for it: the address of a
/// database is put together, what an outsider issues is given.
pub(super) fn recipe(model: &Model, (id, service): (&ServiceId, &Service), place: &str) -> Recipe {
    let is_program = matches!(bundle::origin(service), bundle::Origin::Program(_));
    let name = place.trim_end_matches("_FILE");
    if is_program || place.starts_with('/') {
        return Recipe::MadeUp;
    }
    if ["_API_KEY", "_TOKEN", "_CREDENTIALS"]
        .iter()
        .any(|it| name.ends_with(it))
    {
        return Recipe::Given;
    }
    if !["URL", "URI", "DSN"].iter().any(|it| name.ends_with(it)) {
        return Recipe::MadeUp;
    }
    let stores = model.dependencies_of(id).filter_map(|(_, call)| {
        let store = model.services.get(&call.to)?;
        let known = store.known_technology()?;
        (known.id == "postgres" && bundle::is_container(store)).then_some((&call.to, store))
    });
    let stores: Vec<_> = stores.collect();
    let [(host, store)] = stores[..] else {
        return Recipe::Given;
    };
    let said = |variable: &str| {
        store
            .environment
            .get(variable)
            .map_or("app", String::as_str)
    };
    let is_plain = |it: &str| {
        let allowed = |it: char| it.is_ascii_alphanumeric() || "_-.".contains(it);
        !it.is_empty() && it.chars().all(allowed)
    };
    let (user, database) = (said("POSTGRES_USER"), said("POSTGRES_DB"));
    let drawn = ["POSTGRES_PASSWORD", "POSTGRES_PASSWORD_FILE"];
    let drawn = drawn.iter().find_map(|it| store.secrets.get(*it));
    let password = match drawn {
        Some(name) => name_of(name),
        None if open_login(store).is_some() => password_of(host),
        None => return Recipe::Given,
    };
    if !is_plain(user) || !is_plain(database) {
        return Recipe::Given;
    }
    let (host, port) = (bundle::host(host), bundle::port(store));
    Recipe::Printed(format!(
        "printf 'postgresql://{user}:%s@{host}:{port}/{database}' \"$(cat {password}.txt)\""
    ))
}
