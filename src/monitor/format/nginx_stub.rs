//! nginx' `stub_status`: it counts connections and tells nothing of upstreams.

use super::{Format, Input, reading::Body};

pub(super) const FORMAT: Format = Format {
    id: "nginx-stub-status",
    title: "nginx stub_status",
    looks_like: "Active connections: 1, and three more lines; only its HTTP status counts",
    tested_against: "nginx 1.22, running",
    read,
};

fn read(input: &Input<'_>) -> Option<Body> {
    let is_page = input.text.trim_start().starts_with("Active connections:");
    is_page.then(|| Body::of_code(input.status))
}
