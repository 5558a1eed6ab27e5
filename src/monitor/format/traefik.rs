//! Traefik's services: `/api/http/services` and one of them.
//!
//! `serverStatus` is there only where a health check is set; `status` speaks of the
//! configuration and says nothing of health. A name ends in `@` and its provider. The
//! shapes are those of traefik/traefik, `pkg/api/testdata`.

use serde_json::{Map, Value};

use super::{
    Format, Input,
    reading::Body,
    telling::Gathered,
    words::{health_word, text},
};

pub(super) const FORMAT: Format = Format {
    id: "traefik",
    title: "Traefik services",
    looks_like: r#"[{"name":"orders@docker","serverStatus":{"http://10.0.0.1:80":"UP"},…}]"#,
    tested_against: "Traefik 3.7, running; recorded answers in its own tests",
    read,
};

fn read(input: &Input<'_>) -> Option<Body> {
    let mut gathered = Gathered::default();
    match input.list() {
        Some(list) => {
            // Services that only spread calls over others have neither.
            let objects = || list.iter().filter_map(Value::as_object);
            if !list.is_empty() && !objects().any(is_service) {
                return None;
            }
            objects().for_each(|it| add(&mut gathered, it));
        }
        None => add(&mut gathered, input.object().filter(|it| is_service(it))?),
    }
    Some(Body::of_others(input.status, gathered.finish()))
}

fn is_service(object: &Map<String, Value>) -> bool {
    let has_servers = object.contains_key("serverStatus") || object.contains_key("loadBalancer");
    has_servers && object.contains_key("provider")
}

fn add(gathered: &mut Gathered, service: &Map<String, Value>) {
    let name = text(service, "name").unwrap_or_default();
    let name = name.rsplit_once('@').map_or(name, |(name, _)| name);
    let servers = service.get("serverStatus").and_then(Value::as_object);
    for (url, status) in servers.into_iter().flatten() {
        let word = status.as_str().unwrap_or_default();
        gathered.add_instance(name, url, (health_word(word), word));
    }
}
