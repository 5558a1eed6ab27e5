//! The beginning or the end of an incident as one line.

use serde_json::{Value, json};

use super::snapshot_json::incident;
use crate::{
    model::{Model, ServiceId},
    monitor::Notice,
};

/// As it stands among the lines of `meshboard watch --format json`.
pub(super) fn as_json(notice: &Notice) -> Value {
    json!({
        "at": at(notice),
        "kind": "incident",
        "state": state(notice),
        "incident": incident(notice.incident()),
        "version": 1,
    })
}

/// As people read it.
pub(super) fn as_text(notice: &Notice, model: &Model) -> String {
    let it = notice.incident();
    let names = |ids: &[ServiceId]| {
        let names: Vec<_> = ids.iter().map(|it| model.service_name(it)).collect();
        names.join(", ")
    };
    let impacted = match it.impacted.as_slice() {
        [] => String::new(),
        ids => format!("; impacted: {}", names(ids)),
    };
    format!(
        "{}  incident {} {}: {}{impacted}",
        at(notice),
        it.id,
        state(notice),
        it.summary
    )
}

fn at(notice: &Notice) -> String {
    let it = notice.incident();
    format!("{:.3}", it.until.unwrap_or(it.since))
}

fn state(notice: &Notice) -> &'static str {
    match notice {
        Notice::Began(_) => "began",
        Notice::Ended(_) => "ended",
    }
}
