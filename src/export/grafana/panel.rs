//! One panel, as Grafana's schema has it.

use serde_json::{Value, json};

/// How many columns a dashboard has.
pub(super) const COLUMNS: u32 = 24;

/// A question and how its answer is called.
#[derive(Debug, Clone)]
pub(super) struct Query {
    pub(super) expression: String,
    pub(super) legend: String,
}

/// A question.
pub(super) fn query(expression: impl Into<String>, legend: impl Into<String>) -> Query {
    Query {
        expression: expression.into(),
        legend: legend.into(),
    }
}

fn source() -> Value {
    json!({ "type": "prometheus", "uid": "${datasource}" })
}

fn targets(queries: &[Query], is_instant: bool) -> Vec<Value> {
    let queries = queries.iter().enumerate();
    queries
        .map(|(number, it)| {
            json!({
                "refId": format!("Q{number}"),
                "datasource": source(),
                "editorMode": "code",
                "expr": it.expression,
                "legendFormat": it.legend,
                "instant": is_instant,
                "range": !is_instant,
            })
        })
        .collect()
}

fn panel(kind: &str, title: &str, queries: &[Query], defaults: &Value, options: &Value) -> Value {
    json!({
        "type": kind,
        "title": title,
        "datasource": source(),
        "targets": targets(queries, kind == "stat"),
        "fieldConfig": { "defaults": defaults, "overrides": [] },
        "options": options,
    })
}

/// Lines over time; with the limits that are drawn across it.
pub(super) fn lines(title: &str, unit: &str, queries: &[Query], limits: &[f64]) -> Value {
    let mut steps = vec![json!({ "color": "green", "value": null })];
    let colors = ["yellow", "orange", "red"];
    let limits = limits.iter().zip(colors);
    steps.extend(limits.map(|(value, color)| json!({ "color": color, "value": value })));
    let style = if steps.len() > 1 { "line" } else { "off" };
    let defaults = json!({
        "unit": unit,
        "min": 0,
        "custom": {
            "drawStyle": "line",
            "fillOpacity": 8,
            "lineWidth": 1,
            "showPoints": "never",
            "spanNulls": false,
            "thresholdsStyle": { "mode": style },
        },
        "thresholds": { "mode": "absolute", "steps": steps },
    });
    let options = json!({
        "legend": { "calcs": ["lastNotNull", "max"], "displayMode": "table", "placement": "bottom", "showLegend": true },
        "tooltip": { "mode": "multi", "sort": "desc" },
    });
    panel("timeseries", title, queries, &defaults, &options)
}

fn mapped(values: &[(&str, &str, &str)]) -> Value {
    let values = values.iter().enumerate();
    let options: serde_json::Map<_, _> = values
        .map(|(number, (value, text, color))| {
            let shown = json!({ "color": color, "index": number, "text": text });
            ((*value).to_owned(), shown)
        })
        .collect();
    json!([{ "type": "value", "options": options }])
}

/// Up or down, one field a question.
pub(super) fn up_or_down(title: &str, queries: &[Query]) -> Value {
    let defaults = json!({
        "mappings": mapped(&[("0", "down", "red"), ("1", "up", "green")]),
        "noValue": "unknown",
        "color": { "mode": "thresholds" },
        "thresholds": { "mode": "absolute", "steps": [{ "color": "red", "value": null }, { "color": "green", "value": 1 }] },
    });
    let options = json!({
        "colorMode": "background",
        "graphMode": "none",
        "justifyMode": "auto",
        "orientation": "auto",
        "reduceOptions": { "calcs": ["lastNotNull"], "fields": "", "values": false },
        "textMode": "value_and_name",
    });
    panel("stat", title, queries, &defaults, &options)
}

/// The state of breakers over time, one row a question.
pub(super) fn states(title: &str, queries: &[Query]) -> Value {
    let defaults = json!({
        "mappings": mapped(&[("0", "closed", "green"), ("1", "half-open", "yellow"), ("2", "open", "red")]),
        "noValue": "unknown",
        "color": { "mode": "thresholds" },
        "custom": { "fillOpacity": 80, "lineWidth": 0 },
        "thresholds": { "mode": "absolute", "steps": [{ "color": "green", "value": null }, { "color": "yellow", "value": 1 }, { "color": "red", "value": 2 }] },
    });
    let options = json!({
        "alignValue": "left",
        "legend": { "calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": true },
        "mergeValues": true,
        "rowHeight": 0.85,
        "showValue": "auto",
        "tooltip": { "mode": "single", "sort": "none" },
    });
    panel("state-timeline", title, queries, &defaults, &options)
}

/// Words.
pub(super) fn text(title: &str, words: &str) -> Value {
    json!({
        "type": "text",
        "title": title,
        "fieldConfig": { "defaults": {}, "overrides": [] },
        "options": { "mode": "markdown", "content": words },
    })
}

/// A dashboard's panels, row by row, each with its place and its number.
#[derive(Debug, Default)]
pub(super) struct Layout {
    panels: Vec<Value>,
    y: u32,
}

impl Layout {
    /// A title, and panels next to one another below it.
    pub(super) fn row(&mut self, title: &str, height: u32, panels: Vec<Value>) {
        if panels.is_empty() {
            return;
        }
        let row = json!({ "type": "row", "title": title, "collapsed": false, "panels": [] });
        self.place(row, (0, COLUMNS), 1);
        self.y += 1;
        let in_line = panels.len().min(3) as u32;
        let width = COLUMNS / in_line;
        let last = panels.len() - 1;
        for (number, panel) in panels.into_iter().enumerate() {
            let column = number as u32 % in_line;
            self.place(panel, (column * width, width), height);
            if column + 1 == in_line || number == last {
                self.y += height;
            }
        }
    }

    fn place(&mut self, mut panel: Value, (x, width): (u32, u32), height: u32) {
        panel["id"] = (self.panels.len() + 1).into();
        panel["gridPos"] = json!({ "x": x, "y": self.y, "w": width, "h": height });
        self.panels.push(panel);
    }

    /// All of them.
    pub(super) fn into_panels(self) -> Vec<Value> {
        self.panels
    }
}
