//! The upstreams of NGINX Plus: `/api/9/http/upstreams`, one of them, and the same of
//! `stream`. NGINX without Plus tells nothing of its upstreams.
//!
//! `unavail` is a peer that failed `max_fails` times, which is a breaker of the edge to
//! it; `unhealthy` failed a health check; `down` and `draining` an operator chose. The
//! shape is that of nginx/documentation, `nginx_api.yaml`.

use serde_json::{Map, Value};

use super::{BreakerReading, Format, Input, reading::Body, telling::Gathered, words::text};
use crate::monitor::{Circuit, Health};

pub(super) const FORMAT: Format = Format {
    id: "nginx-plus",
    title: "NGINX Plus upstreams",
    looks_like: r#"{"orders":{"peers":[{"server":"10.0.0.1:80","state":"up",…}],"zone":"orders"}}"#,
    tested_against: "a recorded answer in NGINX Plus' API description",
    read,
};

fn read(input: &Input<'_>) -> Option<Body> {
    let object = input.object()?;
    let mut gathered = Gathered::default();
    if let Some(peers) = peers(object) {
        let name = text(object, "zone")?;
        add(&mut gathered, name, peers);
    } else {
        peers(object.values().next()?.as_object()?)?;
        for (name, upstream) in object {
            let peers = upstream.as_object().and_then(peers);
            add(&mut gathered, name, peers.unwrap_or_default());
        }
    }
    Some(Body::of_others(input.status, gathered.finish()))
}

fn peers(upstream: &Map<String, Value>) -> Option<&[Value]> {
    let peers = upstream.get("peers")?.as_array()?;
    let is_peer = |it: &Value| it.get("server").is_some() && it.get("state").is_some();
    peers.iter().all(is_peer).then_some(peers)
}

fn add(gathered: &mut Gathered, upstream: &str, peers: &[Value]) {
    let mut out = 0_u32;
    for peer in peers.iter().filter_map(Value::as_object) {
        let state = text(peer, "state").unwrap_or_default();
        out += u32::from(state == "unavail");
        let server = text(peer, "server").unwrap_or_default();
        gathered.add_instance(upstream, server, (health(state), state));
    }
    let of = u32::try_from(peers.len()).unwrap_or(u32::MAX);
    let circuit = match out {
        0 => Circuit::Closed,
        all if all == of => Circuit::Open,
        some => Circuit::Ejected { count: some, of },
    };
    let detail = format!("{out} of {of} peers failed too often");
    if of > 0 {
        let reading = BreakerReading {
            detail: if out > 0 { detail } else { String::new() },
            ..BreakerReading::new(upstream, circuit)
        };
        gathered.add_breaker("", reading);
    }
}

fn health(state: &str) -> Health {
    match state {
        "up" => Health::Up,
        "draining" | "down" => Health::OutOfService,
        "checking" => Health::Starting,
        "unavail" | "unhealthy" => Health::Down,
        _ => Health::Unknown,
    }
}
