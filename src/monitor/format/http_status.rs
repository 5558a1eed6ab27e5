//! Any other answer: only its HTTP status says something.

use super::{Format, Input, reading::Body};
use crate::monitor::{Health, Reach};

pub(super) const FORMAT: Format = Format {
    id: "http-status",
    title: "HTTP status",
    looks_like: "anything else: 2xx is up, 429 degraded, 401, 403 and 404 unknown, others down",
    tested_against: "answers written for the tests",
    read,
};

#[allow(
    clippy::unnecessary_wraps,
    reason = "the signature is that of every format"
)]
fn read(input: &Input<'_>) -> Option<Body> {
    Some(Body::of_code(input.status))
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
