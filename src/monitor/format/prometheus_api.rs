//! Prometheus' own API: targets, and vectors of `up` and `probe_success`.
//!
//! `up` says that a scrape worked, which is not all of a program's health, and
//! `status: success` is that of the query. Whose target it is, the labels `service`,
//! `app` and `job` say, in this order. Values are texts, with `NaN` among them. The
//! shapes are those of prometheus/prometheus, `docs/querying/api.md`.

use serde_json::{Map, Value};

use super::{
    Format, Input,
    reading::Body,
    telling::Gathered,
    words::{display_text, text},
};
use crate::monitor::Health;

pub(super) const FORMAT: Format = Format {
    id: "prometheus-api",
    title: "Prometheus API",
    looks_like: r#"{"status":"success","data":{"resultType":"vector",…}}, or "activeTargets":[…]"#,
    tested_against: "Prometheus 2.42, running",
    read,
};

/// Series whose value is 1 if somebody answers and 0 if nobody does.
const TELLING: [&str; 2] = ["up", "probe_success"];

fn read(input: &Input<'_>) -> Option<Body> {
    let object = input.object()?;
    let status = text(object, "status")?;
    if status == "error" && object.contains_key("errorType") {
        let error = text(object, "error").unwrap_or_default();
        return Some(Body {
            note: Some(display_text(&format!("Prometheus refuses: {error}"))),
            ..Body::of_code(input.status)
        });
    }
    let data = object.get("data")?.as_object()?;
    let mut gathered = Gathered::default();
    if let Some(targets) = data.get("activeTargets").and_then(Value::as_array) {
        for target in targets.iter().filter_map(Value::as_object) {
            add_target(&mut gathered, target);
        }
    } else if text(data, "resultType")? == "vector" {
        let result = data.get("result").and_then(Value::as_array);
        for series in result.into_iter().flatten() {
            add_series(&mut gathered, series);
        }
    }
    let hints = ["warnings", "infos"];
    let mut hints = hints
        .iter()
        .filter_map(|it| object.get(*it)?.as_array()?.first()?.as_str());
    if let Some(hint) = hints.next() {
        gathered.note(hint);
    }
    Some(Body::of_others(input.status, gathered.finish()))
}

fn add_target(gathered: &mut Gathered, target: &Map<String, Value>) {
    let Some(labels) = target.get("labels").and_then(Value::as_object) else {
        return;
    };
    let word = text(target, "health").unwrap_or_default();
    let health = match word {
        "up" => Health::Up,
        "down" => Health::Down,
        _ => Health::Unknown,
    };
    let error = text(target, "lastError").unwrap_or_default();
    let raw = if error.is_empty() {
        format!("scrape {word}")
    } else {
        format!("scrape {word}: {error}")
    };
    let address = text(labels, "instance").or_else(|| text(target, "scrapeUrl"));
    let address = address.unwrap_or_default();
    gathered.add_instance(service(labels), address, (health, &raw));
}

fn add_series(gathered: &mut Gathered, series: &Value) -> Option<()> {
    let labels = series.get("metric")?.as_object()?;
    let metric = text(labels, "__name__").filter(|it| TELLING.contains(it))?;
    let value = series.get("value")?.get(1)?.as_str()?;
    let health = match value.parse::<f64>() {
        Ok(1.0) => Health::Up,
        Ok(0.0) => Health::Down,
        Ok(_) | Err(_) => return None,
    };
    let address = text(labels, "instance").unwrap_or_default();
    let raw = format!("{metric} {value}");
    gathered.add_instance(service(labels), address, (health, &raw));
    Some(())
}

fn service(labels: &Map<String, Value>) -> &str {
    let names = ["service", "app", "job"];
    let mut found = names.iter().filter_map(|it| text(labels, it));
    found.next().unwrap_or_default()
}
