//! Sentinel's rules for breakers: `/getRules?type=degrade` at its command port.
//!
//! Rules name the resources that have a breaker. In which state it is, Sentinel does not
//! tell over the wire. The shape is that of alibaba/Sentinel, `DegradeRule`.

use serde_json::Value;

use super::{BreakerReading, Format, Input, reading::Body, words::text};
use crate::monitor::Circuit;

pub(super) const FORMAT: Format = Format {
    id: "sentinel-rules",
    title: "Sentinel rules",
    looks_like: r#"[{"resource":"charge","grade":0,"timeWindow":10,"limitApp":"default",…}]"#,
    tested_against: "written after Sentinel's source; rules only, states are not told",
    read,
};

fn read(input: &Input<'_>) -> Option<Body> {
    let list = input.list()?;
    let is_rule = |it: &Value| {
        let has = |key: &str| it.get(key).is_some();
        has("resource") && has("limitApp") && has("grade") && has("timeWindow")
    };
    if !list.iter().all(is_rule) {
        return None;
    }
    let rules = list.iter().filter_map(|it| {
        let resource = text(it.as_object()?, "resource")?;
        Some(BreakerReading {
            detail: "there is a rule; Sentinel does not tell the state".to_owned(),
            ..BreakerReading::new(resource, Circuit::Unknown)
        })
    });
    Some(Body::of_breakers(rules))
}
