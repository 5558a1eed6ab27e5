//! What Consul's lists make of instances, told in lists as short as they get.

use std::collections::BTreeMap;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};

use super::{
    FILTERED,
    checks::{Check, Entry, changed_services, instances},
    is_plain, oddities, path,
};
use crate::monitor::fetch::Answer;

/// `node service/id check=status`; `-` for a check of the node.
fn checks(lines: &str) -> Vec<Check> {
    let check = |line: &str| {
        let words: Vec<_> = line.split_whitespace().collect();
        let (service, id) = words[1].split_once('/').unwrap_or_default();
        let (check, status) = words[2].split_once('=').unwrap();
        let one = json!({
            "Node": words[0], "CheckID": check, "Name": check, "Status": status,
            "ServiceID": id, "ServiceName": service, "ServiceTags": [], "Output": "secret",
        });
        serde_json::from_value(one).unwrap()
    };
    lines.split(';').map(check).collect()
}

fn catalog(service: &str, entries: Value) -> BTreeMap<String, Vec<Entry>> {
    let entries = serde_json::from_value(entries).unwrap();
    BTreeMap::from([(service.to_owned(), entries)])
}

/// `service address: health (word)`.
fn seen(checks: &[Check], catalog: &BTreeMap<String, Vec<Entry>>) -> Vec<String> {
    let all = instances(checks, catalog).into_iter();
    all.map(|it| {
        let (service, address, raw) = (it.service, it.address, it.raw);
        format!("{service} {address}: {} ({raw})", it.health.label())
    })
    .collect()
}

#[test]
fn an_instance_is_as_well_as_its_worst_check() {
    let checks = checks(
        "n1 shop/s1 web=passing; n1 shop/s1 disk=warning; n1 shop/s2 web=critical;
         n1 shop/s3 web=passing",
    );
    assert_eq!(
        seen(&checks, &BTreeMap::new()),
        [
            "shop s1 on n1: degraded (warning: disk)",
            "shop s2 on n1: down (critical: web)",
            "shop s3 on n1: up (passing)",
        ]
    );
}

#[test]
fn a_check_of_the_node_counts_for_each_instance_on_it() {
    let checks = checks(
        "n1 - serfHealth=critical; n2 - serfHealth=passing;
         n1 shop/s web=passing; n1 pay/p web=passing; n2 shop/s web=passing",
    );
    assert_eq!(
        seen(&checks, &BTreeMap::new()),
        [
            "pay p on n1: down (critical: serfHealth)",
            "shop s on n1: down (critical: serfHealth)",
            "shop s on n2: up (passing)",
        ]
    );
}

#[test]
fn maintenance_is_out_of_service_and_not_down() {
    let checks = checks(
        "n1 shop/s _service_maintenance:s=critical; n1 shop/s web=critical;
         n2 pay/p web=passing; n2 - _node_maintenance=critical",
    );
    assert_eq!(
        seen(&checks, &BTreeMap::new()),
        [
            "pay p on n2: out of service (critical: _node_maintenance)",
            "shop s on n1: out of service (critical: _service_maintenance:s)",
        ]
    );
}

#[test]
fn the_catalog_adds_addresses_and_instances_without_checks() {
    let checks = checks("n1 shop/s1 web=critical; n1 - serfHealth=passing");
    let catalog = catalog(
        "shop",
        json!([
            {"Node": "n1", "Address": "10.0.0.1", "ServiceID": "s1", "ServicePort": 80},
            {"Node": "n1", "Address": "10.0.0.1", "ServiceID": "s2", "ServicePort": 81,
             "ServiceAddress": "10.9.9.9", "ServiceTags": null},
            {"Node": "out", "Address": "fd00::1", "ServiceID": "s3", "ServicePort": 82},
            {"Node": "out", "Address": "fd00::1", "ServiceID": "s4", "ServicePort": 82},
        ]),
    );
    assert_eq!(
        seen(&checks, &catalog),
        [
            "shop 10.0.0.1:80: down (critical: web)",
            "shop 10.9.9.9:81: up (passing)",
            "shop [fd00::1]:82: up (no checks)",
            "shop [fd00::1]:82 (s4 on out): up (no checks)",
        ]
    );
}

#[test]
fn what_a_check_printed_is_not_kept() {
    let all = format!(
        "{:?}",
        instances(&checks("n a/a c=critical"), &BTreeMap::new())
    );
    assert!(!all.contains("secret"), "{all}");
}

#[test]
fn only_instances_that_came_or_went_make_the_catalog_old() {
    let before = checks("n shop/s1 web=passing; n pay/p web=passing");
    let flipped = checks("n shop/s1 web=critical; n pay/p web=passing; n - disk=passing");
    let gone = checks("n pay/p web=passing");
    assert!(changed_services(&before, &flipped).is_empty());
    let changed: Vec<_> = changed_services(&before, &gone).into_iter().collect();
    assert_eq!(changed, ["shop"]);
}

#[test]
fn headers_say_that_something_is_hidden_or_old() {
    let answer = |headers: &[(&'static str, &'static str)]| Answer {
        status: 200,
        content_type: String::new(),
        headers: headers
            .iter()
            .map(|(name, value)| {
                let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
                (name, HeaderValue::from_static(value))
            })
            .collect::<HeaderMap>(),
        body: Vec::new(),
        is_stream: false,
        latency_ms: 1.0,
        retry_after: None,
    };
    let filtered = answer(&[("X-Consul-Results-Filtered-By-ACLs", "true")]);
    assert_eq!(oddities(&filtered), (vec![FILTERED], true));
    let headless = answer(&[
        ("X-Consul-KnownLeader", "false"),
        ("X-Consul-LastContact", "0"),
    ]);
    let (notes, is_partial) = oddities(&headless);
    assert!(notes[0].contains("no leader") && notes.len() == 1 && !is_partial);
    let fine = answer(&[
        ("X-Consul-KnownLeader", "true"),
        ("X-Consul-LastContact", "12"),
    ]);
    assert_eq!(oddities(&fine), (Vec::new(), false));
}

#[test]
fn a_name_that_would_lead_elsewhere_is_not_asked_for() {
    assert!(is_plain("orders-v2.eu") && is_plain("Orders_1"));
    assert!(!is_plain("../acl/tokens") && !is_plain("a/b") && !is_plain("") && !is_plain("a?b"));
}

#[test]
fn a_datacenter_and_a_namespace_narrow_every_question() {
    assert_eq!(path("", "/v1/x", None), "/v1/x?stale");
    assert_eq!(
        path("dc2", "/v1/x", Some("index=4")),
        "/v1/x?stale&dc=dc2&index=4"
    );
    assert_eq!(
        path("dc2/a&b", "/v1/x", None),
        "/v1/x?stale&dc=dc2&ns=a%26b"
    );
}
