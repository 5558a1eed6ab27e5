//! Caddy's upstreams: `/reverse_proxy/upstreams` at its admin address.
//!
//! There is no flag for health. `fails` counts the failed calls that passive checks
//! remember; Caddy takes a host out when they reach `max_fails`, one unless somebody set
//! more, and that number is not told. So a count above zero is "not closed", a guess.
//! The shape is that of caddyserver/caddy, `modules/caddyhttp/reverseproxy/admin.go`.

use serde_json::Value;

use super::{
    BreakerReading, Format, Input,
    reading::Body,
    telling::Gathered,
    words::{count, text},
};
use crate::monitor::{Circuit, Confidence};

pub(super) const FORMAT: Format = Format {
    id: "caddy-upstreams",
    title: "Caddy upstreams",
    looks_like: r#"[{"address":"orders:8080","num_requests":0,"fails":0}]"#,
    tested_against: "Caddy 2.11, running",
    read,
};

fn read(input: &Input<'_>) -> Option<Body> {
    let list = input.list()?;
    let is_upstream = |it: &Value| {
        let has = |key: &str| it.get(key).is_some();
        has("address") && has("num_requests") && has("fails")
    };
    if !list.iter().all(is_upstream) {
        return None;
    }
    let mut gathered = Gathered::default();
    for upstream in list.iter().filter_map(Value::as_object) {
        let address = text(upstream, "address").unwrap_or_default();
        let fails = count(upstream.get("fails")).unwrap_or(0);
        let (circuit, detail) = match fails {
            0 => (Circuit::Closed, String::new()),
            _ => (
                Circuit::NotClosed,
                format!("failed calls remembered: {fails}"),
            ),
        };
        let reading = BreakerReading {
            confidence: Confidence::Inferred,
            detail,
            ..BreakerReading::new(address, circuit)
        };
        gathered.add_breaker("", reading);
    }
    Some(Body::of_others(input.status, gathered.finish()))
}
