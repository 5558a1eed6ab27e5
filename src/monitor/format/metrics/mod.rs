//! Metrics pages, read once from start to end; each dialect picks what is its own.
//!
//! A dialect is the way in which one library or proxy tells of breakers or of health on
//! such a page: one file each, listed in [`DIALECTS`]. The first that knows a sample takes
//! it. A gauge that is a number is never read as a state, because libraries number theirs
//! differently, unless a person wrote down what its numbers mean. How many calls failed is
//! no health: nothing is concluded from `http_server_requests` and its like.

mod aspnet;
mod caddy;
mod envoy;
mod found;
mod gauges;
mod haproxy;
mod linkerd;
mod microprofile;
mod opossum;
mod polly;
mod resilience4j;
mod sentinel;
mod states;
mod traefik;

use super::{Format, Input, is_metrics_type, reading::Body};
use crate::monitor::exposition::{MAX_SAMPLES, Page, Sample, Survey, is_metrics_page};
use found::Found;

pub use gauges::GaugeStates;

pub(super) const FORMAT: Format = Format {
    id: "prometheus",
    title: "Prometheus metrics",
    looks_like: r#"resilience4j_circuitbreaker_state{name="bank",state="open"} 1, any state set"#,
    tested_against: "its dialects, below; 211 pages of the OpenMetrics project",
    read,
};

/// How one library or proxy tells of breakers or of health on a metrics page.
#[derive(Debug)]
pub struct Dialect {
    /// As people call it.
    pub title: &'static str,
    /// What a series of it looks like.
    pub looks_like: &'static str,
    /// What it was tested against.
    pub tested_against: &'static str,
    start: fn(&GaugeStates) -> Box<dyn Picks>,
}

/// Every dialect; the first that knows a sample takes it.
pub const DIALECTS: &[&Dialect] = &[
    &gauges::DIALECT,
    &envoy::DIALECT,
    &linkerd::DIALECT,
    &haproxy::DIALECT,
    &traefik::DIALECT,
    &caddy::DIALECT,
    &aspnet::DIALECT,
    &opossum::DIALECT,
    &polly::DIALECT,
    &microprofile::DIALECT,
    &sentinel::DIALECT,
    &states::DIALECT,
    &resilience4j::DIALECT,
];

/// Picks the samples of one dialect out of a page.
trait Picks {
    /// Takes a sample; false if it is none of this dialect.
    fn take(&mut self, sample: &Sample<'_>) -> bool;

    /// Tells what came of them.
    fn finish(&self, found: &mut Found);
}

fn read(input: &Input<'_>) -> Option<Body> {
    let starts_like_json = input.text.trim_start().starts_with(['{', '[']) && input.json.is_some();
    let is_page = is_metrics_type(input.content_type) || is_metrics_page(input.text);
    if starts_like_json || !is_page {
        return None;
    }
    let mut page = Page::new(input.text);
    let dialects = DIALECTS.iter();
    let mut pickers: Vec<_> = dialects.map(|it| (it.start)(input.gauges)).collect();
    for sample in page.by_ref() {
        for picker in &mut pickers {
            if picker.take(&sample) {
                break;
            }
        }
    }
    let mut found = Found::default();
    for picker in &pickers {
        picker.finish(&mut found);
    }
    let note = note(page.survey(), input.content_type);
    Some(found.into_body(note))
}

/// Why not all of a page was read.
fn note(survey: &Survey, content_type: &str) -> Option<String> {
    let content_type = content_type.to_ascii_lowercase();
    let must_end = content_type.starts_with("application/openmetrics-text");
    if survey.is_longer {
        Some(format!(
            "only the first {MAX_SAMPLES} samples of the page were read"
        ))
    } else if survey.samples == 0 && survey.left_out > 0 {
        Some("no line of the page is one of metrics".to_owned())
    } else if survey.has_cut_line {
        Some("the last line of the page has no end and was left out".to_owned())
    } else if must_end && !survey.has_end {
        Some("the page does not end with # EOF, so it may have been cut".to_owned())
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
