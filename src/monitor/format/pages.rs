//! Taking pages apart that are made of many JSON texts: JSON lines and event streams.

use serde_json::Value;

use super::Input;

/// The most lines or events of one page that are read.
const MAX_PARTS: usize = 50_000;

/// How an event stream may begin where its content type does not say what it is.
const STREAM_STARTS: [&str; 5] = ["data:", "event:", "id:", "ping:", "retry:"];

/// The objects of a page of JSON lines. A last line that is cut off ends it, and a page
/// whose first line is no object is none.
pub(super) fn json_lines(input: &Input<'_>) -> Option<Vec<Value>> {
    if input.json.is_some() || !input.text.trim_start().starts_with('{') {
        return None;
    }
    let lines = input.text.lines().map(str::trim);
    let texts = lines.filter(|it| !it.is_empty()).take(MAX_PARTS);
    let values = texts.map_while(|it| serde_json::from_str(it).ok().filter(Value::is_object));
    let values: Vec<Value> = values.collect();
    (!values.is_empty()).then_some(values)
}

/// The events of a captured event stream: the id that was given last, and the data.
///
/// Each `data:` line is an event of its own: whoever streams breakers writes one JSON
/// text in one line, and Turbine not even a blank line between two.
pub(super) fn stream_events<'a>(input: &Input<'a>) -> impl Iterator<Item = (&'a str, Value)> {
    let text = input.text.trim_start();
    let is_stream = input.content_type.starts_with("text/event-stream")
        || STREAM_STARTS.iter().any(|it| text.starts_with(it));
    let lines = if is_stream { text.lines() } else { "".lines() };
    let mut id = "";
    let events = lines.filter_map(move |line| {
        if let Some(named) = line.strip_prefix("id:") {
            id = named.trim();
        }
        let data = line.strip_prefix("data:")?.trim();
        Some((id, serde_json::from_str(data).ok()?))
    });
    events.take(MAX_PARTS)
}
