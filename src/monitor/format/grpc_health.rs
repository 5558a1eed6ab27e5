//! The words of gRPC's health protocol where something gives them as JSON or text:
//! a gateway, or grpcurl and grpc-health-probe behind a web server.

use super::{Format, Input, reading::Body, words::text};

pub(super) const FORMAT: Format = Format {
    id: "grpc-health",
    title: "gRPC health",
    looks_like: r#"{"status":"SERVING"}, {"status":"NOT_SERVING"}; status: SERVING"#,
    tested_against: "written after grpc-proto's health.proto",
    read,
};

fn read(input: &Input<'_>) -> Option<Body> {
    let word = match input.json {
        Some(_) => text(input.object()?, "status")?,
        None => input.text.trim().strip_prefix("status: ")?,
    };
    let is_word = matches!(word, "SERVING" | "NOT_SERVING" | "SERVICE_UNKNOWN");
    is_word.then(|| Body::of_word(word))
}
