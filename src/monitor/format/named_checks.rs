//! Objects of checks and nothing else: heptiolabs/healthcheck (`"OK"` or an error) and
//! django-health-check (`"working"` or what is wrong).
//!
//! Neither has a verdict of its own beside the status code, and other programs answer
//! with such objects too. So the words are taken for checks only where they and the code
//! say the same.

use serde_json::{Map, Value};

use super::{CheckReading, Format, Input, reading::Body, words::push_check};
use crate::monitor::Health;

pub(super) const HEPTIOLABS: Format = Format {
    id: "heptiolabs",
    title: "heptiolabs/healthcheck",
    looks_like: r#"{"database":"OK","queue":"connection refused"}"#,
    tested_against: "written after heptiolabs/healthcheck, handler.go",
    read: |input| {
        read(
            input,
            |it| if it == "OK" { Health::Up } else { Health::Down },
        )
    },
};

pub(super) const DJANGO: Format = Format {
    id: "django-health-check",
    title: "django-health-check",
    looks_like: r#"{"DatabaseBackend":"working","Cache backend: default":"unavailable: …"}"#,
    tested_against: "django-health-check 3.18, running",
    read: |input| read(input, django),
};

fn django(word: &str) -> Health {
    match word {
        "working" => Health::Up,
        it if it.starts_with("warning") => Health::Degraded,
        _ => Health::Down,
    }
}

fn read(input: &Input<'_>, health: fn(&str) -> Health) -> Option<Body> {
    let object = input.object()?;
    let words: Vec<(&String, &str)> = words(object)?;
    let healths: Vec<Health> = words.iter().map(|it| health(it.1)).collect();
    let has_good = healths.contains(&Health::Up);
    let is_down = healths.contains(&Health::Down);
    let is_told = match input.status {
        200..=299 => !is_down,
        500 | 503 => is_down,
        _ => false,
    };
    if !has_good || !is_told {
        return None;
    }
    let verdict = if is_down {
        Health::Down
    } else if healths.contains(&Health::Degraded) {
        Health::Degraded
    } else {
        Health::Up
    };
    let mut checks = Vec::new();
    for ((name, word), health) in words.into_iter().zip(healths) {
        let check = CheckReading::new(name, word);
        push_check(&mut checks, CheckReading { health, ..check });
    }
    Some(Body {
        health: Some(verdict),
        raw: verdict.label().to_owned(),
        checks,
        ..Body::default()
    })
}

/// All values, if they are texts and there is at least one.
fn words(object: &Map<String, Value>) -> Option<Vec<(&String, &str)>> {
    let words = object.iter().map(|(name, it)| Some((name, it.as_str()?)));
    let words: Vec<_> = words.collect::<Option<_>>()?;
    (!words.is_empty()).then_some(words)
}
