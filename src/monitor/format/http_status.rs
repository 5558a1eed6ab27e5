//! Any other answer: only its HTTP status says something.
//!
//! What calls itself JSON and is none is no good answer, whatever its code: a proxy's
//! page in its place, or half an answer. It is not called up because of 200.

use super::{Format, Input, reading::Body};
use crate::monitor::{Health, Reach};

pub(super) const FORMAT: Format = Format {
    id: "http-status",
    title: "HTTP status",
    looks_like: "anything else: 2xx is up, 429 degraded, 401, 403 and 404 unknown, others down",
    tested_against: "answers written for the tests; fastapi-health 0.4, running",
    read,
};

#[allow(
    clippy::unnecessary_wraps,
    reason = "the signature is that of every format"
)]
fn read(input: &Input<'_>) -> Option<Body> {
    Some(match input.unreadable {
        // Only what says more than that there was an answer counts: 503 is still down.
        Some(reason) => Body {
            health: Some(Health::Unknown),
            raw: format!("HTTP {}, {reason}", input.status),
            note: Some(format!("what came back cannot be read: {reason}")),
            is_unreadable: true,
            ..Body::default()
        },
        None => Body::of_code(input.status),
    })
}

/// What a status code alone says.
pub fn by_code(status: u16) -> (Health, Reach) {
    match status {
        200..300 => (Health::Up, Reach::Ok),
        401 | 403 => (Health::Unknown, Reach::AuthDenied),
        404 => (Health::Unknown, Reach::NotFound),
        429 => (Health::Degraded, Reach::Ok),
        400.. => (Health::Down, Reach::Ok),
        _ => (Health::Unknown, Reach::Unparseable),
    }
}
