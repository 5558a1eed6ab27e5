//! An Envoy beside one caller: the drawn protection of its calls, for code that has none.

use std::fmt::Write as _;

use super::{
    notes, own_ports,
    process::{self, Process},
    replies, retry,
    typed::seconds,
    upstream::{self, Upstream},
};
use crate::{
    export::{
        bundle,
        yaml::{Map, Value},
    },
    model::{Model, Service, ServiceId},
};

/// The first port a sidecar uses: its own pages; then one for each call.
const FIRST_PORT: u16 = 15_000;

/// A sidecar's configuration, and what a reader should know of it.
pub(in crate::export) fn sidecar(
    model: &Model,
    (id, service): (&ServiceId, &Service),
    upstreams: &[Upstream<'_>],
) -> (String, Vec<String>) {
    let taken = own_ports(service);
    let mut ports = (FIRST_PORT..).filter(|it| !taken.contains(it));
    let admin_port = ports.next().unwrap_or(FIRST_PORT);
    let mut title = format!(
        "Beside {id}, in its network: the drawn protection of its calls. To use it, run Envoy with\n\
         network_mode: \"service:{id}\" and give {id} these addresses instead:"
    );
    let mut listeners = Vec::new();
    let mut all_notes = Vec::new();
    for (port, upstream) in ports.zip(upstreams) {
        let variable = bundle::prefix(upstream.id);
        write!(title, "\n{variable}_URL=http://127.0.0.1:{port}").unwrap_or_default();
        listeners.push(process::listener(
            &upstream.name,
            upstream::address("127.0.0.1", port),
            connection_manager(id, upstream),
        ));
        if let Some(call) = upstream.call {
            all_notes.extend(notes::of_call(call, upstream.service));
        }
    }
    let process = Process {
        id: format!("{id}_sidecar"),
        system: bundle::system(model),
        admin_port,
        heap_mib: process::USUAL_HEAP_MIB,
        listeners,
        clusters: upstreams.iter().map(upstream::cluster).collect(),
    };
    (process::bootstrap(process).to_file(&title), all_notes)
}

fn connection_manager(caller: &ServiceId, upstream: &Upstream<'_>) -> Map {
    let times = retry::times(None, upstream.call);
    let host = format!("{}:{}", bundle::host(upstream.id), upstream.port);
    let mut action = Map::from([("cluster", upstream.name.as_str().into())]);
    // Nothing at all is what a timeout of zero means.
    action.set("timeout", seconds(times.all_ms.unwrap_or(0)));
    action.set("host_rewrite_literal", host);
    if let Some(policy) = retry::policy(upstream.call, times) {
        action.set("retry_policy", policy);
    }
    let everything = Map::from([
        ("match", Value::from([("prefix", "/".into())])),
        ("route", action.into()),
    ]);
    let all = Map::from([
        ("name", upstream.name.as_str().into()),
        ("domains", vec!["*"].into()),
        ("routes", vec![everything].into()),
    ]);
    let routes = Map::from([
        ("name", upstream.name.as_str().into()),
        ("virtual_hosts", vec![all].into()),
    ]);
    Map::from([
        ("stat_prefix", upstream.name.as_str().into()),
        ("codec_type", "AUTO".into()),
        ("preserve_external_request_id", true.into()),
        ("always_set_request_id_in_response", true.into()),
        ("request_id_extension", process::request_ids().into()),
        (
            "stream_idle_timeout",
            seconds(times.all_ms.map_or(0, |it| it + 5_000)),
        ),
        ("access_log", vec![replies::access_log(caller)].into()),
        ("local_reply_config", replies::errors().into()),
        ("http_filters", vec![process::router()].into()),
        ("route_config", routes.into()),
    ])
}
