//! Envoy's `/ready` and `/server_info`: whether the proxy itself is ready.

use super::{Format, Input, reading::Body, words::text};
use crate::monitor::Health;

pub(super) const FORMAT: Format = Format {
    id: "envoy-ready",
    title: "Envoy readiness",
    looks_like: r#"LIVE, DRAINING, PRE_INITIALIZING or INITIALIZING; {"state":"LIVE","version":…}"#,
    tested_against: "Envoy 1.40, running; other words than LIVE after its documentation",
    read,
};

fn read(input: &Input<'_>) -> Option<Body> {
    let word = match input.json {
        Some(_) => {
            let object = input.object()?;
            object.get("command_line_options")?;
            text(object, "state")?
        }
        None => input.text.trim(),
    };
    let health = match word {
        "LIVE" => Health::Up,
        "DRAINING" => Health::OutOfService,
        "PRE_INITIALIZING" | "INITIALIZING" => Health::Starting,
        _ => return None,
    };
    Some(Body {
        health: Some(health),
        raw: word.to_owned(),
        ..Body::default()
    })
}
