//! What an answer says: its format, and the health and breakers in it.
//!
//! The content decides, not the path: [`ALL`] is the order in which formats are
//! tried, and the first that recognises an answer reads it. Health and breakers are
//! two axes, and neither is ever derived from the other: Spring Boot answers UP
//! while a circuit is open. Every function here takes hostile text and never fails.

mod aspnet;
mod breakers_json;
mod evidence;
mod finagle;
mod health_go;
mod http_status;
mod ietf_health;
mod json_status;
mod kubernetes;
mod metrics;
mod microprofile;
mod opossum;
mod reading;
mod resilience4j;
mod spring_boot;
mod terminus;
mod unread;
mod words;

use std::{fmt::Write as _, sync::Arc};

use serde_json::Value;

pub use http_status::by_code;
pub use metrics::{DIALECTS, Dialect, GaugeStates};
pub use reading::{BreakerReading, CheckReading, Evidence, Reading};
pub use words::{circuit_word, display_text, health_word};

use reading::Body;

use super::Health;

/// The deepest nesting of JSON that is read.
const MAX_JSON_DEPTH: usize = 64;

/// A way in which services tell of their health or their breakers.
#[derive(Debug)]
pub struct Format {
    /// As it stands in a design.
    pub id: &'static str,
    /// As people call it.
    pub title: &'static str,
    /// What an answer of it looks like, in a few words.
    pub looks_like: &'static str,
    /// What it was tested against.
    pub tested_against: &'static str,
    read: fn(&Input<'_>) -> Option<Body>,
}

/// An answer, taken apart as far as every format needs it.
struct Input<'a> {
    status: u16,
    content_type: &'a str,
    text: &'a str,
    json: Option<&'a Value>,
    gauges: &'a GaugeStates,
}

impl Input<'_> {
    fn object(&self) -> Option<&serde_json::Map<String, Value>> {
        self.json?.as_object()
    }
}

/// The id of the format of metrics pages.
pub const METRICS: &str = metrics::FORMAT.id;

/// Every format, in the order in which they are tried.
pub const ALL: &[&Format] = &[
    &metrics::FORMAT,
    &kubernetes::FORMAT,
    &aspnet::FORMAT,
    &unread::FORMAT,
    &resilience4j::FORMAT,
    &microprofile::FORMAT,
    &ietf_health::FORMAT,
    &spring_boot::FORMAT,
    &health_go::FORMAT,
    &terminus::FORMAT,
    &opossum::FORMAT,
    &finagle::FORMAT,
    &breakers_json::FORMAT,
    &json_status::FORMAT,
    &http_status::FORMAT,
];

/// Finds a format by its id.
pub fn find(id: &str) -> Option<&'static Format> {
    ALL.iter().copied().find(|it| it.id == id)
}

/// Whether the content type says that an answer is a metrics page.
pub fn is_metrics_type(content_type: &str) -> bool {
    let content_type = content_type.to_ascii_lowercase();
    content_type.starts_with("application/openmetrics-text")
        || (content_type.starts_with("text/plain") && content_type.contains("version=0.0.4"))
}

/// Reads an answer: HTTP status, content type and body.
pub fn detect(status: u16, content_type: &str, body: &[u8]) -> Reading {
    detect_as("", status, content_type, body)
}

/// Reads an answer like [`detect`], but tries the format with this id first.
pub fn detect_as(id: &str, status: u16, content_type: &str, body: &[u8]) -> Reading {
    detect_with(&GaugeStates::default(), id, status, content_type, body)
}

/// Reads an answer like [`detect_as`], where a person said what numbers of gauges mean.
pub fn detect_with(
    gauges: &GaugeStates,
    id: &str,
    status: u16,
    content_type: &str,
    body: &[u8],
) -> Reading {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let text = String::from_utf8_lossy(body);
    let json = parse_json(&text);
    let input = Input {
        status,
        content_type,
        text: &text,
        json: json.as_ref(),
        gauges,
    };
    let preferred = find(id).into_iter();
    preferred
        .chain(ALL.iter().copied())
        .find_map(|format| Some(finish(format, (format.read)(&input)?, status)))
        .unwrap_or_else(|| finish(&http_status::FORMAT, Body::of_code(status), status))
}

/// A table of every format, as `meshboard formats` prints it.
pub fn reference() -> String {
    let mut text = String::from(
        "The content of an answer decides its format; the first that recognises it reads it.\n",
    );
    for format in ALL {
        // Writing to a string cannot fail.
        write!(
            text,
            "\n{}\n  {}\n  looks like:     {}\n  tested against: {}\n",
            format.id, format.title, format.looks_like, format.tested_against
        )
        .ok();
        if format.id == METRICS {
            for it in DIALECTS {
                write!(
                    text,
                    "  - {}\n      looks like:     {}\n      tested against: {}\n",
                    it.title, it.looks_like, it.tested_against
                )
                .ok();
            }
        }
    }
    text
}

/// Parses JSON that starts like an object, an array or a text and is not too deep.
pub(super) fn parse_json(text: &str) -> Option<Value> {
    let text = text.trim();
    let starts_like_json = text.starts_with(['{', '[', '"']);
    if !starts_like_json || json_depth(text) > MAX_JSON_DEPTH {
        return None;
    }
    serde_json::from_str(text).ok()
}

/// The deepest nesting of brackets outside texts.
fn json_depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let (mut in_text, mut is_escaped) = (false, false);
    for byte in text.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_text => is_escaped = true,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// Weighs what the body says against the status code.
fn finish(format: &'static Format, body: Body, status: u16) -> Reading {
    let (by_code, reach) = by_code(status);
    let said = body.health.filter(|it| *it != Health::Unknown);
    // A router's own error page often has a status word too; it says nothing of health.
    let is_refusal = matches!(status, 401 | 403 | 404);
    let is_page = format.id == json_status::FORMAT.id;
    let said = said.filter(|_| !(is_refusal && is_page));
    let is_success = (200..300).contains(&status);
    let health = match (said, body.health) {
        (Some(said), _) => Some(said),
        (None, Some(_)) if !is_success => Some(by_code),
        (None, None) if body.is_by_code => Some(by_code),
        (None, other) => other,
    };
    let disagrees = match said {
        Some(Health::Up) => status >= 500,
        Some(Health::Down) => is_success,
        Some(_) | None => false,
    };
    let disagreement = disagrees.then(|| {
        format!(
            "code and body disagree: HTTP {status}, but the body says {}",
            body.raw
        )
    });
    let is_silent = said.is_none() && body.breakers.is_empty() && body.observation.is_none();
    Reading {
        format: format.id,
        title: body.title.unwrap_or(format.title),
        health,
        is_explicit: said.is_some(),
        reach: if is_silent { reach } else { super::Reach::Ok },
        raw: body.raw,
        checks: body.checks,
        breakers: body.breakers,
        observation: body.observation.map(Arc::new),
        note: disagreement.or(body.note),
    }
}

#[cfg(test)]
mod tests;
