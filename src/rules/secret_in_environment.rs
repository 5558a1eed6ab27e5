//! O11: a secret stands in the design in plain text.

use std::collections::BTreeSet;

use super::{Context, Findings, Fix, Rule, fix::change_service, words};
use crate::model::{ServiceId, Severity};

pub(super) const RULE: Rule = Rule {
    code: "O11",
    name: "secret-in-environment",
    severity: Severity::Error,
    summary: "An environment variable holds a secret in plain text.",
    explanation: "\
Whoever reads the design, the exported files or the history of either has the secret, and it cannot be changed without a new release. \
Refer to it by name instead. \
A variable counts as a secret by its name (a word such as PASSWORD, SECRET, TOKEN or KEY) or by a URL with a password in it; \
a reference such as ${NAME}, a path, and yes or no do not. The words are ours.",
    source: "Ponce et al. 2022, hard-coded secrets.",
    check,
};

/// Words that make a variable a secret wherever they stand in its name.
const SECRET_WORDS: &[&str] = &[
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "PWD",
    "SECRET",
    "SECRETS",
    "TOKEN",
    "CREDENTIAL",
    "CREDENTIALS",
    "APIKEY",
];
/// Words that make a variable a secret at the end of its name.
const SECRET_LAST_WORDS: &[&str] = &["KEY", "PASS"];
/// Words before `KEY` that make it anything but a secret.
const HARMLESS_KEYS: &[&str] = &[
    "CACHE",
    "FOREIGN",
    "OBJECT",
    "PARTITION",
    "PRIMARY",
    "PUBLIC",
    "ROUTING",
    "SORT",
];
/// Last words with which a name speaks about a secret without being one.
const ABOUT_SECRETS: &[&str] = &[
    "ALGORITHM",
    "AUDIENCE",
    "COUNT",
    "DAYS",
    "DIR",
    "DURATION",
    "ENABLED",
    "ENDPOINT",
    "EXPIRATION",
    "EXPIRY",
    "FILE",
    "HEADER",
    "HOURS",
    "ID",
    "ISSUER",
    "LENGTH",
    "LIFETIME",
    "MAX",
    "MIN",
    "MINUTES",
    "MS",
    "NAME",
    "PATH",
    "POLICY",
    "REQUIRED",
    "SECONDS",
    "SIZE",
    "TIMEOUT",
    "TTL",
    "TYPE",
    "URI",
    "URL",
];
/// Values that switch something rather than unlock it.
const SWITCHES: &[&str] = &["true", "false", "yes", "no", "on", "off", "none", "null"];

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (number, id, service) in context.services() {
        let secrets: Vec<&str> = service
            .environment
            .iter()
            .filter(|(name, value)| is_secret(name, value))
            .map(|(name, _)| name.as_str())
            .collect();
        if secrets.is_empty() {
            continue;
        }
        let message = format!(
            "{} holds {} in plain text",
            context.name(number),
            words::list(&secrets)
        );
        let edit = change_service(id, service, "secrets", |it| {
            for name in &secrets {
                it.environment.remove(*name);
                let taken: BTreeSet<&String> = it.secrets.values().collect();
                let secret = secret_name(id, name, &taken);
                it.secrets.entry((*name).to_owned()).or_insert(secret);
            }
        });
        let label = match secrets[..] {
            [only] => format!("Refer to {only} by name"),
            _ => format!("Refer to {} secrets by name", secrets.len()),
        };
        findings
            .report(vec![context.element(number)], message)
            .fix([Fix::new(label, vec![edit])]);
    }
}

/// What a service's secret is called: `orders-db-password`.
fn secret_name(service: &ServiceId, variable: &str, taken: &BTreeSet<&String>) -> String {
    ServiceId::from_display_name(&format!("{service}-{variable}"), "secret")
        .made_unique(|it| taken.iter().any(|taken| *taken == it.as_str()))
        .to_string()
}

fn is_secret(name: &str, value: &str) -> bool {
    has_password(value) || (names_secret(name) && is_literal(value))
}

fn names_secret(name: &str) -> bool {
    let words = split(name);
    let Some((last, before)) = words.split_last() else {
        return false;
    };
    let has = |list: &[&str], word: &str| list.contains(&word);
    if has(ABOUT_SECRETS, last) {
        return false;
    }
    let is_harmless = before.last().is_some_and(|it| has(HARMLESS_KEYS, it));
    words.iter().any(|it| has(SECRET_WORDS, it)) || (has(SECRET_LAST_WORDS, last) && !is_harmless)
}

/// The words of `DB_PASSWORD`, `db.password` and `dbPassword`, in capitals.
fn split(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_small = false;
    for letter in name.chars() {
        let starts_word = after_small && letter.is_uppercase();
        if starts_word || !letter.is_alphanumeric() {
            words.push(String::new());
        }
        if letter.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(letter.to_uppercase());
        }
        after_small = letter.is_lowercase() || letter.is_ascii_digit();
    }
    words.retain(|it| !it.is_empty());
    words
}

/// Whether a value is the secret itself rather than where to find it.
fn is_literal(value: &str) -> bool {
    let value = value.trim();
    let is_reference = value.starts_with(['/', '.', '~', '$', '<'])
        || value.contains("${")
        || value.contains("{{")
        || value.contains("://");
    let is_switch = SWITCHES.iter().any(|it| it.eq_ignore_ascii_case(value));
    !value.is_empty() && !is_reference && !is_switch
}

/// Whether a URL carries a password: `amqp://guest:guest@broker`.
fn has_password(value: &str) -> bool {
    value.match_indices("://").any(|(at, separator)| {
        let rest = &value[at + separator.len()..];
        let authority = rest.split(['/', '?', '#', ',', ' ']).next().unwrap_or(rest);
        authority
            .rsplit_once('@')
            .and_then(|(user, _)| user.split_once(':'))
            .is_some_and(|(_, password)| {
                !password.is_empty() && !password.contains(['$', '{', '<'])
            })
    })
}

#[cfg(test)]
mod tests {
    use super::{RULE, is_secret};
    use crate::rules::testing::{after, fixes, messages};

    #[test]
    fn what_only_looks_like_a_secret_is_fine() {
        for (name, value) in [
            ("DB_PASSWORD", "${DB_PASSWORD}"),
            ("DB_PASSWORD", ""),
            ("DB_PASSWORD_FILE", "/run/secrets/db"),
            ("DB_PASSWORD", "/run/secrets/db"),
            ("MYSQL_ALLOW_EMPTY_PASSWORD", "yes"),
            ("TOKEN_TTL", "300"),
            ("JWT_PUBLIC_KEY", "abc"),
            ("KEYCLOAK_HOST", "keycloak"),
            ("PASSENGERS", "4"),
            ("MONKEY", "banana"),
            ("BANK_URL", "http://bank:8080/a@b"),
            ("AMQP_URL", "amqp://guest:${PASSWORD}@broker"),
            ("TOKEN_URL", "https://login.example/token"),
        ] {
            assert!(!is_secret(name, value), "{name}={value}");
        }
    }

    #[test]
    fn what_is_a_secret_is_found() {
        for (name, value) in [
            ("DB_PASSWORD", "hunter2"),
            ("dbPassword", "hunter2"),
            ("spring.datasource.password", "hunter2"),
            ("JWT_SECRET_BASE", "abc"),
            ("STRIPE_API_KEY", "sk_live_1"),
            ("APIKEY", "abc"),
            ("RABBITMQ_DEFAULT_PASS", "guest"),
            ("AMQP_URL", "amqp://guest:guest@broker:5672/"),
            ("BROKERS", "a://x:1,amqp://guest:guest@broker"),
        ] {
            assert!(is_secret(name, value), "{name}={value}");
        }
    }

    #[test]
    fn the_message_never_repeats_the_secret() {
        let text = "x(a{env.DB_PASSWORD=hunter2 env.API_TOKEN=t0p env.PORT=80})";
        assert_eq!(
            messages(&RULE, text),
            "error: a holds API_TOKEN and DB_PASSWORD in plain text\n"
        );
        assert_eq!(fixes(&RULE, text), "Refer to 2 secrets by name\n");
        let model = after(&RULE, text, "Refer");
        let service = &model.services["a"];
        assert_eq!(service.secrets["DB_PASSWORD"], "a-db-password");
        assert_eq!(service.environment.len(), 1);
    }
}
