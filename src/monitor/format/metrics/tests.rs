//! Whole pages: what dialects do together, and what hostile pages cost.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::{super::super::observation::Observation, GaugeStates};
use crate::monitor::{
    Circuit, Confidence,
    format::{BreakerReading, Reading, detect_with},
};

pub(super) fn read(page: &str) -> Reading {
    detect_with(
        &GaugeStates::default(),
        "",
        200,
        "text/plain; version=0.0.4",
        page.as_bytes(),
    )
}

/// What a page tells in one line: `breaker:State(detail)`, with `^` before those of a
/// proxy, and `service/address=Health`.
pub(super) fn told(page: &str) -> String {
    told_with(&GaugeStates::default(), page)
}

pub(super) fn told_with(gauges: &GaugeStates, page: &str) -> String {
    let reading = detect_with(gauges, "", 200, "text/plain", page.as_bytes());
    assert_eq!(reading.format, "prometheus");
    let breaker = |it: &BreakerReading| {
        let detail = match it.detail.as_str() {
            "" => String::new(),
            detail => format!("({detail})"),
        };
        format!("{}:{:?}{detail}", it.name, it.circuit)
    };
    let mut words: Vec<_> = reading.breakers.iter().map(breaker).collect();
    let none = Observation::default();
    let observed = reading.observation.as_deref().unwrap_or(&none);
    let upstreams = observed.breakers.iter();
    words.extend(upstreams.map(|it| format!("^{}", breaker(&it.reading))));
    let instances = observed.instances.iter();
    words.extend(instances.map(|it| format!("{}/{}={:?}", it.service, it.address, it.health)));
    words.join(" ")
}

#[test]
fn dialects_stand_beside_one_another_on_one_page() {
    let page = "resilience4j_circuitbreaker_state{name=\"bank\",state=\"open\"} 1\n\
                circuit{name=\"bank\",event=\"open\"} 2\ncircuit{name=\"mail\",event=\"fire\"} 2\n\
                envoy_cluster_circuit_breakers_default_cx_open{envoy_cluster_name=\"tax\"} 0\n\
                http_server_requests_seconds_count{status=\"500\",outcome=\"SERVER_ERROR\"} 99\n";
    assert_eq!(told(page), "bank:Open mail:Closed ^tax:Closed");
    let reading = read(page);
    assert_eq!(reading.health, None, "calls that failed are no health");
    assert_eq!(
        reading.breakers[0].confidence,
        Confidence::Reported,
        "what was said counts more than what follows"
    );
}

#[test]
fn a_page_that_was_not_read_whole_says_so() {
    let open = "application/openmetrics-text; version=1.0.0";
    let note = |content_type: &str, page: &str| {
        let gauges = GaugeStates::default();
        detect_with(&gauges, "", 200, content_type, page.as_bytes()).note
    };
    assert_eq!(note(open, "a 1\n# EOF\n"), None);
    assert!(note(open, "a 1\n").unwrap().contains("# EOF"));
    assert_eq!(note("text/plain", "a 1\n"), None);
    assert!(
        note("text/plain", "a 1\nb 2")
            .unwrap()
            .contains("last line")
    );
    assert!(note(open, "<html>\n").unwrap().contains("no line"));
    let long = "a 1\n".repeat(200_001);
    assert!(note("", &long).unwrap().contains("200000"));
}

#[test]
fn a_hundred_thousand_names_are_cut_and_the_open_ones_are_kept() {
    let mut page = String::new();
    for number in 0..900 {
        let bit = u8::from(number == 899);
        let name = format!("b{number:04}");
        writeln!(
            page,
            "breaker_state{{name=\"{name}\",state=\"open\"}} {bit}\nbreaker_state{{name=\"{name}\",state=\"closed\"}} {}",
            1 - bit
        )
        .unwrap();
    }
    for number in 0..20_000 {
        let name = format!("{number}{}", "x".repeat(300));
        writeln!(
            page,
            "breaker_state{{name=\"{name}\",state=\"closed\"}} 1\ncircuit{{name=\"{name}\",event=\"open\"}} 1\n\
             envoy_cluster_membership_total{{envoy_cluster_name=\"{name}\"}} 1\n\
             haproxy_server_status{{proxy=\"{name}\",server=\"a\",state=\"UP\"}} 1"
        )
        .unwrap();
    }
    let reading = read(&page);
    assert_eq!(reading.breakers.len(), 500);
    let is_kept = |it: &BreakerReading| it.name == "b0899" && it.circuit == Circuit::Open;
    assert!(reading.breakers.iter().any(is_kept));
    assert!(reading.breakers.iter().all(|it| it.name.len() <= 204));
    assert!(reading.observation.unwrap().instances.len() <= 10_000);
}

/// Words that lead deep into the dialects.
const WORDS: &str = "(envoy_cluster_|membership_total|circuit_breakers_|_open|circuit|ft_circuitbreaker_|\
                     state_total|haproxy_|server_status|resilience4j_circuitbreaker_|healthcheck|\\{|\\}|name=|\
                     state=|event=|\"open\"|\"\"|\"a\"|,| |1|-1|NaN|\\+Inf|\n|# TYPE |# EOF|\u{202e}|é)";

/// Turns the direction of writing.
const TRICK: char = '\u{202e}';

proptest! {
    #[test]
    fn any_page_is_read_within_bounds(parts in proptest::collection::vec(WORDS, 0..120)) {
        let page = parts.concat();
        let reading = read(&page);
        prop_assert!(reading.breakers.len() <= 500);
        for it in &reading.breakers {
            let is_clean = !it.name.contains(TRICK) && !it.name.is_empty();
            prop_assert!(is_clean);
        }
    }
}
