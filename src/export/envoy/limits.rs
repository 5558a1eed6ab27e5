//! What one route allows: how often, how large, and from which web pages.

use super::typed::{Append, header, message, seconds};
use crate::{
    export::{
        bundle::Passage,
        yaml::{Map, Value},
    },
    model::Method,
};

/// The filters that a route sets, in the order they look at a request.
pub(super) const CORS: &str = "envoy.filters.http.cors";
pub(super) const RATE: &str = "envoy.filters.http.local_ratelimit";
pub(super) const BODY: &str = "envoy.filters.http.buffer";

/// Headers a web page may send along.
const ALLOWED_HEADERS: &str =
    "authorization, content-type, if-match, if-none-match, x-api-key, x-request-id";
/// Clients whose requests are counted at once; the one not seen for longest is forgotten.
const MAX_CLIENTS: u32 = 10_000;

/// What a route says to each filter.
pub(super) fn of(passage: &Passage<'_>) -> Map {
    let mut limits = cross_origin(passage);
    if let Some((rate, burst)) = passage.rate {
        limits.set_with_comment(
            RATE,
            rate_limit(rate, burst),
            "Each client address has a bucket of its own, in each replica of this gateway.",
        );
    }
    if let Some(kib) = passage.body_limit_kib {
        let bytes = i64::try_from(kib.saturating_mul(1024)).unwrap_or(i64::MAX);
        let buffer = [("max_request_bytes", Value::Int(bytes))];
        limits.set(
            BODY,
            message(
                "extensions.filters.http.buffer.v3.BufferPerRoute",
                Map::from([("buffer", buffer.into())]),
            ),
        );
    }
    limits
}

/// Which web pages may ask.
pub(super) fn cross_origin(passage: &Passage<'_>) -> Map {
    let mut limits = Map::default();
    if passage.origins.is_empty() {
        return limits;
    }
    let exact = |it: &String| Map::from([("exact", it.as_str().into())]);
    let origins: Vec<Map> = passage.origins.iter().map(exact).collect();
    let mut fields = Map::from([
        ("allow_origin_string_match", origins.into()),
        ("allow_methods", method_list(&passage.methods).into()),
        ("allow_headers", ALLOWED_HEADERS.into()),
        ("max_age", "600".into()),
    ]);
    if has_credentials(passage) {
        fields.set("allow_credentials", true);
    }
    fields.set("forward_not_matching_preflights", false);
    limits.set(
        CORS,
        message("extensions.filters.http.cors.v3.CorsPolicy", fields),
    );
    limits
}

/// Whether web pages may send cookies along: never where every page may ask.
pub(super) fn has_credentials(passage: &Passage<'_>) -> bool {
    let is_drawn = passage.route.cors.as_ref().is_some_and(|it| it.credentials);
    is_drawn && !passage.origins.iter().any(|it| it == "*")
}

fn rate_limit(rate: u32, burst: u32) -> Map {
    let always = || Value::from([("default_value", [("numerator", 100_u32.into())].into())]);
    let bucket = || {
        Value::from([
            ("max_tokens", burst.saturating_add(1).into()),
            ("tokens_per_fill", rate.into()),
            ("fill_interval", seconds(1_000)),
        ])
    };
    let address = Map::from([("remote_address", Map::default().into())]);
    let actions = Map::from([("actions", vec![address].into())]);
    let entry = Map::from([("key", "remote_address".into())]);
    let client = Map::from([("entries", vec![entry].into()), ("token_bucket", bucket())]);
    let later = header("retry-after", "1", Append::Replace);
    message(
        "extensions.filters.http.local_ratelimit.v3.LocalRateLimit",
        Map::from([
            ("stat_prefix", "rate_limit".into()),
            ("filter_enabled", always()),
            ("filter_enforced", always()),
            ("token_bucket", bucket()),
            ("always_consume_default_token_bucket", false.into()),
            ("rate_limits", vec![actions].into()),
            ("descriptors", vec![client].into()),
            ("max_dynamic_descriptors", MAX_CLIENTS.into()),
            ("response_headers_to_add", vec![later].into()),
        ]),
    )
}

/// `GET, HEAD`; every method where none is said.
pub(super) fn method_list(methods: &[Method]) -> String {
    let all = if methods.is_empty() {
        &Method::ALL
    } else {
        methods
    };
    let names: Vec<_> = all.iter().map(|it| it.as_str()).collect();
    names.join(", ")
}
