//! The whole of an Envoy: who it is, what it listens on, whom it calls, and up to where
//! it takes work.

use super::{
    typed::{extension, message, seconds},
    upstream::address,
};
use crate::export::yaml::{Map, Value};

/// Connections Envoy takes at once.
const MAX_CONNECTIONS: u32 = 4_096;
/// Mebibytes Envoy may use where the design does not say: less than its container has.
pub(in crate::export) const USUAL_HEAP_MIB: u32 = 192;

/// What an Envoy is made of.
#[derive(Debug)]
pub(super) struct Process {
    /// What it calls itself.
    pub(super) id: String,
    /// The system it belongs to.
    pub(super) system: String,
    /// The port of its own pages, on loopback.
    pub(super) admin_port: u16,
    /// Mebibytes it may use.
    pub(super) heap_mib: u32,
    /// What it listens on.
    pub(super) listeners: Vec<Map>,
    /// Whom it calls.
    pub(super) clusters: Vec<Map>,
}

/// The configuration file.
pub(super) fn bootstrap(process: Process) -> Map {
    let mut file = Map::spaced();
    file.set(
        "node",
        Map::from([
            ("id", process.id.into()),
            ("cluster", process.system.into()),
        ]),
    );
    file.set_with_comment(
        "admin",
        Map::from([("address", address("127.0.0.1", process.admin_port))]),
        "Whoever reaches these pages can stop Envoy, so nobody outside the container does.",
    );
    file.set("overload_manager", overload(process.heap_mib));
    let mut resources = Map::from([("listeners", process.listeners.into())]);
    resources.set("clusters", process.clusters);
    file.set("static_resources", resources);
    file
}

fn overload(heap_mib: u32) -> Map {
    let heap = "envoy.resource_monitors.fixed_heap";
    let monitors = vec![
        extension(
            heap,
            "extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig",
            Map::from([(
                "max_heap_size_bytes",
                Value::Int(i64::from(heap_mib) * 1024 * 1024),
            )]),
        ),
        extension(
            "envoy.resource_monitors.global_downstream_max_connections",
            "extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig",
            Map::from([("max_active_downstream_connections", MAX_CONNECTIONS.into())]),
        ),
    ];
    let action = |name: &str, at: f64| {
        let threshold = [("value", Value::Float(at))];
        let trigger = Map::from([("name", heap.into()), ("threshold", threshold.into())]);
        Map::from([
            ("name", format!("envoy.overload_actions.{name}").into()),
            ("triggers", vec![trigger].into()),
        ])
    };
    Map::from([
        ("refresh_interval", seconds(250)),
        ("resource_monitors", monitors.into()),
        (
            "actions",
            vec![
                action("shrink_heap", 0.9),
                action("disable_http_keepalive", 0.92),
                action("stop_accepting_requests", 0.95),
            ]
            .into(),
        ),
    ])
}

/// A listener that speaks HTTP.
pub(super) fn listener(name: &str, address: Value, connection_manager: Map) -> Map {
    let filter = Map::from([
        (
            "name",
            "envoy.filters.network.http_connection_manager".into(),
        ),
        (
            "typed_config",
            message(
                "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
                connection_manager,
            )
            .into(),
        ),
    ]);
    let chain = Map::from([("filters", Value::from(vec![filter]))]);
    Map::from([
        ("name", name.into()),
        ("address", address),
        ("per_connection_buffer_limit_bytes", 32_768_u32.into()),
        ("filter_chains", vec![chain].into()),
    ])
}

/// What makes ids of requests: a caller's own is never changed.
pub(super) fn request_ids() -> Map {
    let fields = [
        ("pack_trace_reason", false.into()),
        ("use_request_id_for_trace_sampling", false.into()),
    ];
    let config = message(
        "extensions.request_id.uuid.v3.UuidRequestIdConfig",
        fields.into(),
    );
    Map::from([("typed_config", config.into())])
}

/// The filter that sends a request where its route says.
pub(super) fn router() -> Map {
    extension(
        "envoy.filters.http.router",
        "extensions.filters.http.router.v3.Router",
        Map::default(),
    )
}
