//! What `linkerd viz edges -o json` and `linkerd viz stat -o json` print.
//!
//! Edges tell who calls whom and nothing of how often. Statistics are those of whole
//! services: which callers they come from is not told, and a share of good answers is no
//! health, so nothing follows from them but that they are read for what they are.

use serde_json::Value;

use super::{Format, Input, reading::Body, telling::Gathered, words::text};
use crate::monitor::CallReading;

pub(super) const FORMAT: Format = Format {
    id: "linkerd-viz",
    title: "Linkerd viz",
    looks_like: r#"[{"src":"web","dst":"orders","client_id":…}]; [{"name":"web","success":1,"rps":2.05}]"#,
    tested_against: "recorded answers in Linkerd's own tests",
    read,
};

fn read(input: &Input<'_>) -> Option<Body> {
    let list = input.list()?;
    let first = list.first().and_then(Value::as_object);
    let has = |key: &str| first.is_some_and(|it| it.contains_key(key));
    let is_edges = has("src") && has("dst") && has("client_id");
    let is_statistics = has("rps") && has("success") && has("kind");
    if !is_edges && !is_statistics && !list.is_empty() {
        return None;
    }
    let mut gathered = Gathered::default();
    for edge in list.iter().filter_map(Value::as_object) {
        if let (Some(from), Some(to)) = (text(edge, "src"), text(edge, "dst")) {
            gathered.add_call(CallReading {
                from: from.to_owned(),
                to: to.to_owned(),
                ..CallReading::default()
            });
        }
    }
    if is_statistics {
        gathered.note("statistics of whole services do not tell who calls whom: ask for edges");
    }
    Some(Body::of_others(input.status, gathered.finish()))
}
