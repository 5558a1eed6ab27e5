//! What an answer says: its format, and the health and breakers in it.
//!
//! The content decides, not the path: [`ALL`] is the order in which formats are
//! tried, and the first that recognises an answer reads it. Health and breakers are
//! two axes, and neither is ever derived from the other: Spring Boot answers UP
//! while a circuit is open. Every function here takes hostile text and never fails.

mod aspnet;
mod breakers_json;
mod caddy;
mod compose_ps;
mod consul;
mod consul_catalog;
mod consul_topology;
mod docker;
mod docker_events;
mod envoy_clusters;
mod envoy_ready;
mod envoy_stats;
mod evidence;
mod finagle;
mod grpc_health;
mod haproxy;
mod health_go;
mod http_status;
pub(super) mod hystrix;
mod ietf_health;
mod jaeger;
mod json_status;
mod kiali;
mod kubernetes;
mod kubernetes_objects;
mod linkerd;
mod metrics;
mod microprofile;
mod named_checks;
mod nginx_plus;
mod nginx_stub;
mod opossum;
mod pages;
mod prometheus_api;
mod reading;
mod resilience4j;
pub(super) mod resilience4j_events;
mod sentinel;
mod spring_boot;
mod telling;
mod terminus;
mod traefik;
mod words;
mod zipkin;

use std::{fmt::Write as _, sync::Arc};

use serde_json::{Map, Value};

pub use http_status::by_code;
pub use metrics::{DIALECTS, Dialect, GaugeStates};
pub use reading::{BreakerReading, CheckReading, Evidence, Reading};
pub use words::{circuit_word, display_text, health_word};

use reading::Body;

use super::{Health, Reach};

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
#[derive(Clone, Copy)]
struct Input<'a> {
    status: u16,
    content_type: &'a str,
    text: &'a str,
    json: Option<&'a Value>,
    gauges: &'a GaugeStates,
    /// Why it is no JSON although it should be.
    unreadable: Option<&'static str>,
    /// Whether the design names the format that reads it.
    is_named: bool,
}

impl<'a> Input<'a> {
    fn object(&self) -> Option<&'a Map<String, Value>> {
        self.json?.as_object()
    }

    /// The elements of a list. An empty one could be anybody's, so it is taken only by a
    /// format that the design names.
    fn list(&self) -> Option<&'a [Value]> {
        let list = self.json?.as_array()?;
        (self.is_named || !list.is_empty()).then_some(list)
    }
}

/// The id of the format of metrics pages.
pub const METRICS: &str = metrics::FORMAT.id;

/// Every format, in the order in which they are tried: texts, answers that tell of
/// others, breakers, and at last health, from the most to the least telling shape.
pub const ALL: &[&Format] = &[
    &metrics::FORMAT,
    &haproxy::FORMAT,
    &nginx_stub::FORMAT,
    &kubernetes::FORMAT,
    &aspnet::FORMAT,
    &envoy_ready::FORMAT,
    &envoy_clusters::FORMAT,
    &envoy_stats::FORMAT,
    &kiali::FORMAT,
    &prometheus_api::FORMAT,
    &jaeger::FORMAT,
    &zipkin::FORMAT,
    &linkerd::FORMAT,
    &resilience4j::FORMAT,
    &hystrix::FORMAT,
    &resilience4j_events::FORMAT,
    &consul::FORMAT,
    &consul_topology::FORMAT,
    &consul_catalog::FORMAT,
    &traefik::FORMAT,
    &caddy::FORMAT,
    &nginx_plus::FORMAT,
    &docker::FORMAT,
    &compose_ps::FORMAT,
    &docker_events::FORMAT,
    &kubernetes_objects::FORMAT,
    &sentinel::FORMAT,
    &microprofile::FORMAT,
    &ietf_health::FORMAT,
    &spring_boot::FORMAT,
    &health_go::FORMAT,
    &terminus::FORMAT,
    &opossum::FORMAT,
    &finagle::FORMAT,
    &breakers_json::FORMAT,
    &grpc_health::FORMAT,
    &json_status::FORMAT,
    &named_checks::HEPTIOLABS,
    &named_checks::DJANGO,
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
    let is_json_type = is_json_type(content_type);
    let (json, unreadable) = match parse_json(&text, is_json_type) {
        Ok(json) => (json, None),
        Err(reason) => (None, Some(reason)),
    };
    let input = Input {
        status,
        content_type,
        text: &text,
        json: json.as_ref(),
        gauges,
        unreadable,
        is_named: false,
    };
    let preferred = find(id).and_then(|format| {
        let named = Input {
            is_named: true,
            ..input
        };
        Some(finish(format, (format.read)(&named)?, status))
    });
    let any = || {
        let mut all = ALL.iter().copied();
        all.find_map(|format| Some(finish(format, (format.read)(&input)?, status)))
    };
    preferred
        .or_else(any)
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

/// Parses JSON that is not nested too deep.
pub(super) fn json(text: &str) -> Option<Value> {
    parse_json(text, false).ok().flatten()
}

/// Whether the content type says that an answer is one JSON text.
fn is_json_type(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    essence == "application/json" || essence == "text/json" || essence.ends_with("+json")
}

/// Parses JSON, unless it is nested too deep; what does not say that it is JSON need not
/// be. An error says why what should be JSON cannot be read; who says nothing at all,
/// although in JSON, said no nonsense.
fn parse_json(text: &str, is_json_type: bool) -> Result<Option<Value>, &'static str> {
    let text = text.trim();
    let is_likely = is_json_type || text.starts_with(['{', '[', '"']);
    if text.is_empty() || !is_likely {
        return Ok(None);
    }
    if json_depth(text) > MAX_JSON_DEPTH {
        return Err("its JSON is nested too deep");
    }
    match serde_json::from_str(text) {
        Ok(value) => Ok(Some(value)),
        Err(_) if is_json_type => Err("it is called JSON and is none"),
        Err(_) => Ok(None),
    }
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
        reach: match is_silent {
            true if body.is_unreadable && is_success => Reach::Unparseable,
            true => reach,
            false => Reach::Ok,
        },
        raw: body.raw,
        checks: body.checks,
        breakers: body.breakers,
        observation: body.observation.map(Arc::new),
        note: disagreement.or(body.note),
    }
}

#[cfg(test)]
mod tests;
