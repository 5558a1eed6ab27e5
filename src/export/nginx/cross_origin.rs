//! Which pages of other origins a browser lets call (CORS).
//!
//! A location says which origins it lets in by setting variables; the headers are said
//! once for every server, because one in a location would drop all others there.

use super::directive::{Directive, block, simple};
use crate::export::bundle::{self, Passage};

/// What a location may set.
pub(super) const VARIABLES: [&str; 3] = ["$cors_origin", "$cors_credentials", "$cors_vary"];

/// The maps behind the headers; none where no route lets other origins in.
pub(super) fn maps(passages: &[&Passage<'_>]) -> Vec<Directive> {
    let mut passages: Vec<_> = passages
        .iter()
        .filter(|it| !it.origins.is_empty())
        .collect();
    passages.sort_unstable_by_key(|it| it.id);
    if passages.is_empty() {
        return Vec::new();
    }
    let mut all = shared_maps();
    for passage in passages {
        let origins = if passage.origins.iter().any(|it| it == "*") {
            vec![simple(["default", "*"])]
        } else {
            let named = passage.origins.iter();
            let named = named.map(|it| simple([it.as_str(), "$http_origin"]));
            std::iter::once(simple(["default", ""]))
                .chain(named)
                .collect()
        };
        let origin = format!("${}", passage.variable("origin"));
        all.push(block(["map", "$http_origin", &origin], origins).close());
    }
    all
}

fn shared_maps() -> Vec<Directive> {
    let map = |from: &str, to: &str, values: [[&str; 2]; 2]| {
        block(["map", from, to], values.map(simple).to_vec()).close()
    };
    let ahead = |to: &str, then: &str| map("$is_preflight", to, [["default", ""], ["1", then]]);
    vec![
        map(
            "$request_method|$http_origin|$http_access_control_request_method",
            "$is_preflight",
            [["default", "0"], ["~^OPTIONS\\|.+\\|[A-Z]+$", "1"]],
        )
        .with_comment("A browser asks ahead whether a page of another origin may call.")
        .apart(),
        ahead("$preflight_methods", "$allowed_methods"),
        ahead(
            "$preflight_headers",
            &bundle::CROSS_ORIGIN_HEADERS.join(", "),
        ),
        ahead("$preflight_age", &bundle::CROSS_ORIGIN_SECONDS.to_string()),
        map(
            "$upstream_http_access_control_allow_origin",
            "$allow_origin",
            [["default", ""], ["", "$cors_origin"]],
        )
        .with_comment(
            "A location says which origins it lets in; what a service says itself is left to it.",
        )
        .apart(),
        map(
            "$allow_origin",
            "$allow_credentials",
            [["default", "$cors_credentials"], ["", ""]],
        ),
    ]
}

/// The headers; an empty value is not sent.
pub(super) fn headers() -> Vec<Directive> {
    [
        ("Vary", "$cors_vary"),
        ("Access-Control-Allow-Origin", "$allow_origin"),
        ("Access-Control-Allow-Credentials", "$allow_credentials"),
        ("Access-Control-Allow-Methods", "$preflight_methods"),
        ("Access-Control-Allow-Headers", "$preflight_headers"),
        ("Access-Control-Max-Age", "$preflight_age"),
    ]
    .into_iter()
    .map(|(name, value)| simple(["add_header", name, value, "always"]))
    .collect()
}
