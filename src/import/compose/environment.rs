//! Environment variables of a service: its own, and those of its `env_file`s.
//!
//! A secret stays where it is: a variable that is called like one and takes its value
//! from outside the compose file is kept by name only, never by value.

use super::{
    interpolate::only_variable,
    load::{DotEnv, Loader},
    node::{Node, Place, Problem},
    service::Parts,
};
use crate::model::Service;

/// A variable of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Variable {
    pub(super) name: String,
    /// Absent if whoever starts the service gives the value.
    pub(super) value: Option<String>,
    pub(super) place: Place,
    /// The name of the secret, if its value comes from outside the compose file.
    secret: Option<String>,
}

/// Takes the variables out, those of the service above those of its files.
pub(super) fn take(
    parts: &mut Parts<'_>,
    loader: &mut Loader<'_>,
    dot_env: &DotEnv,
) -> Result<Vec<Variable>, Problem> {
    let mut all = std::collections::BTreeMap::new();
    // The files stay named, because their values may change without the design.
    if let Some(files) = parts.rest.get("env_file") {
        let service = parts.name;
        for file in files.items().unwrap_or(std::slice::from_ref(files)) {
            read_file(service, file, loader, dot_env, &mut all)?;
        }
    }
    let environment = parts.take("environment");
    let mut passed_on = serde_json::Map::new();
    for (name, node) in environment
        .as_ref()
        .and_then(Node::entries)
        .into_iter()
        .flatten()
    {
        if node.scalar().is_none() && !node.is_null() {
            return Err(Problem::at(
                node.place,
                format!("{}: the variable {name} is {}", parts.name, node.kind()),
                "put it in quotes, so that it is text",
            ));
        }
        let written = node.written.as_deref();
        let mut value = node.scalar();
        let mut secret =
            written.and_then(|it| secret_of(name, it, &|it| loader.value(it, dot_env)));
        if node.is_null() {
            passed_on.insert(name.clone(), serde_json::Value::Null);
            value = loader.value(name, dot_env);
            secret = Some(name.clone()).filter(|it| is_secret(it));
        }
        let variable = Variable {
            name: name.clone(),
            value,
            place: node.place,
            secret,
        };
        all.insert(name.clone(), variable);
    }
    parts.keep("environment", serde_json::Value::Object(passed_on));
    Ok(all.into_values().collect())
}

fn read_file(
    service: &str,
    file: &Node,
    loader: &mut Loader<'_>,
    dot_env: &DotEnv,
    all: &mut std::collections::BTreeMap<String, Variable>,
) -> Result<(), Problem> {
    let Some(path) = file.scalar().or_else(|| file.get("path")?.scalar()) else {
        return Ok(());
    };
    let is_required = file.get("required").and_then(Node::scalar).as_deref() != Some("false");
    let Some((number, text)) = loader.text(&loader.beside(file.place, &path))? else {
        if is_required {
            loader.notes.push(format!(
                "{service} takes variables from {path}, which cannot be read; Docker Compose refuses to start without it, and dependencies that only stand there are missing."
            ));
        }
        return Ok(());
    };
    let earlier = |name: &str| all.get(name).and_then(|it| it.value.clone());
    let variables = loader.variables(number, &text, dot_env, &earlier)?;
    for (name, variable) in variables {
        let secret = Some(name.clone()).filter(|it| is_secret(it));
        let place = Place {
            file: number,
            line: variable.line,
        };
        let variable = Variable {
            name: name.clone(),
            value: Some(variable.value),
            place,
            secret,
        };
        all.insert(name, variable);
    }
    Ok(())
}

/// Divides variables into values and secrets; tells how many secrets there are.
pub(super) fn split(variables: &[Variable], service: &mut Service) -> usize {
    for variable in variables {
        let name = variable.name.clone();
        match (&variable.secret, &variable.value) {
            (Some(secret), _) => {
                service.secrets.insert(name, secret.clone());
            }
            (None, Some(value)) => {
                service.environment.insert(name, value.clone());
            }
            (None, None) => {}
        }
    }
    service.secrets.len()
}

/// The secret a text refers to: the variable it consists of, or else the name of the
/// variable it is the value of, if a secret was put into it from outside.
fn secret_of(name: &str, written: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    if let Some(variable) = only_variable(written)
        && (is_secret(name) || is_secret(variable))
    {
        return Some(variable.to_owned());
    }
    let mut holds_secret = false;
    let seen = |it: &str| is_secret(it) && lookup(it).is_some_and(|it| !it.is_empty());
    for part in written.split('$').skip(1) {
        let part = part.trim_start_matches('{');
        let end = part
            .find(|it: char| !it.is_ascii_alphanumeric() && it != '_')
            .unwrap_or(part.len());
        holds_secret |= seen(&part[..end]);
    }
    holds_secret.then(|| name.to_owned())
}

/// Whether a variable is called like a secret; `…_FILE` only says where one is.
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let mut words = name.split(['_', '-', '.']);
    if name.ends_with("_file") {
        return false;
    }
    words.any(|it| {
        matches!(
            it,
            "password"
                | "passwd"
                | "pass"
                | "passphrase"
                | "secret"
                | "secrets"
                | "token"
                | "credential"
                | "credentials"
                | "apikey"
                | "pwd"
        )
    }) || (name.ends_with("key")
        && [
            "api",
            "private",
            "access",
            "encryption",
            "signing",
            "account",
        ]
        .iter()
        .any(|it| name.contains(it)))
}

#[cfg(test)]
mod tests {
    use super::{is_secret, secret_of};

    #[test]
    fn secrets_are_known_by_their_names() {
        for name in [
            "DB_PASSWORD",
            "apiKey",
            "STRIPE_API_KEY",
            "JWT_SECRET",
            "GITHUB_TOKEN",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in [
            "POSTGRES_PASSWORD_FILE",
            "DB_HOST",
            "KEYSPACE",
            "PASSENGER_PORT",
            "KEY",
        ] {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn a_value_with_a_secret_in_it_is_one_itself() {
        let lookup = |name: &str| (name == "PG_PASSWORD").then(|| "hush".to_owned());
        let secret = |name, written| secret_of(name, written, &lookup);
        assert_eq!(secret("DB_PASSWORD", "${PW}").as_deref(), Some("PW"));
        assert_eq!(secret("X", "$PG_PASSWORD").as_deref(), Some("PG_PASSWORD"));
        assert_eq!(
            secret("DB_URL", "pg://u:${PG_PASSWORD}@db").as_deref(),
            Some("DB_URL")
        );
        assert_eq!(secret("DB_URL", "pg://u:${MY_PASSWORD:-x}@db"), None);
        assert_eq!(secret("TAG", "$VERSION"), None);
    }
}
