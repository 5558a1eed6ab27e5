//! What happened to containers lately: `docker events --format json`, `GET /events`.
//!
//! Events tell of changes alone, so that a container without one is not gone. The shape
//! is that of moby/moby, `api/swagger.yaml`, `EventMessage`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    Format, Input,
    docker::service,
    pages::json_lines,
    reading::Body,
    telling::Gathered,
    words::{health_word, text},
};
use crate::monitor::Health;

pub(super) const FORMAT: Format = Format {
    id: "docker-events",
    title: "Docker events",
    looks_like: r#"{"Type":"container","Action":"health_status: unhealthy","Actor":{…}}, one a line"#,
    tested_against: "written after moby's API description",
    read,
};

fn read(input: &Input<'_>) -> Option<Body> {
    let lines;
    let events: &[Value] = if let Some(one) = input.json {
        std::slice::from_ref(one)
    } else {
        lines = json_lines(input)?;
        &lines
    };
    let is_event = |it: &Value| it.get("Actor").is_some() && it.get("Action").is_some();
    if !events.first().is_some_and(is_event) {
        return None;
    }
    // The last event of each container that says something.
    let mut last: BTreeMap<(&str, &str), (Health, &str)> = BTreeMap::new();
    for event in events.iter().filter_map(Value::as_object) {
        take(&mut last, event);
    }
    let mut gathered = Gathered::default();
    gathered.mark_partial();
    for ((service, name), verdict) in last {
        gathered.add_instance(service, name, verdict);
    }
    Some(Body::of_others(input.status, gathered.finish()))
}

fn take<'a>(
    last: &mut BTreeMap<(&'a str, &'a str), (Health, &'a str)>,
    event: &'a Map<String, Value>,
) -> Option<()> {
    if text(event, "Type")? != "container" {
        return None;
    }
    let actor = event.get("Actor")?.as_object()?;
    let attributes = actor.get("Attributes")?.as_object()?;
    let name = text(attributes, "name").or_else(|| text(actor, "ID"))?;
    let action = text(event, "Action")?;
    let health = match action {
        // Nobody looked after it yet; with a health check a word of that follows.
        "start" | "restart" | "unpause" => Health::Up,
        "die" => Health::Down,
        "stop" | "pause" => Health::OutOfService,
        _ => health_word(action.strip_prefix("health_status: ")?),
    };
    last.insert((service(Some(attributes), name), name), (health, action));
    Some(())
}
