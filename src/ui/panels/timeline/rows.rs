//! What the lanes show: from the history, or from what polling has seen since it began.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::{
    history::{Lane, LaneState, Subject},
    model::{DependencyId, ElementId, Model, ServiceId},
    monitor::{Change, Circuit, Snapshot},
    ui::{
        past::{Extent, Record},
        widgets::{state_shape::StateShape, words},
    },
};

/// A lane as it is drawn.
pub(in crate::ui) struct Row {
    pub(in crate::ui) name: String,
    pub(in crate::ui) element: ElementId,
    pub(in crate::ui) bars: Vec<Bar>,
}

/// From when until when it was so, and why.
pub(in crate::ui) struct Bar {
    pub(in crate::ui) from: Timestamp,
    pub(in crate::ui) to: Timestamp,
    pub(in crate::ui) shape: StateShape,
    /// `open`, `down`.
    pub(in crate::ui) state: String,
    pub(in crate::ui) cause: String,
}

fn subject_row(model: &Model, subject: &Subject, dependency: Option<&DependencyId>) -> Row {
    let (name, element) = match (subject, dependency) {
        (Subject::Dependency(id), _) | (Subject::Breaker { .. }, Some(id)) => {
            (model.dependency_name(id), ElementId::Dependency(id.clone()))
        }
        (Subject::Service(id), _) => (
            model.service_name(id).to_owned(),
            ElementId::Service(id.clone()),
        ),
        (Subject::Breaker { from, name }, None) => (
            format!("{}: {name}", model.service_name(from)),
            ElementId::Service(from.clone()),
        ),
    };
    Row {
        name,
        element,
        bars: Vec::new(),
    }
}

/// Every lane of a record, drawn until the end of what is shown; what changed most first.
pub(super) fn recorded(model: &Model, record: &Record, shown: Extent) -> Vec<Row> {
    let mut lanes: Vec<&Lane> = record.lanes.iter().collect();
    lanes.sort_by_key(|it| {
        let is_service = matches!(it.subject, Subject::Service(_));
        (std::cmp::Reverse(it.steps.len().min(3)), is_service)
    });
    let rows = lanes.into_iter().map(|it| {
        let mut row = subject_row(model, &it.subject, it.dependency.as_ref());
        row.bars = bars(it, record, shown);
        row
    });
    rows.collect()
}

/// The bars of a lane.
pub(in crate::ui) fn bars(lane: &Lane, record: &Record, shown: Extent) -> Vec<Bar> {
    // What was so at the last reading is taken to go on until the next.
    let end = shown.to.max(record.wanted.extent.to);
    let steps = lane.steps.iter().enumerate();
    let bars = steps.filter_map(|(index, step)| {
        let to = lane.steps.get(index + 1).map_or(end, |it| it.at);
        let (shape, state) = match step.state {
            LaneState::NotRecorded => return None,
            LaneState::Health(health) => (StateShape::of_health(health), words::health(health)),
            LaneState::Circuit(circuit) => {
                let state = words::circuit(circuit).to_lowercase();
                return Some(Bar {
                    from: step.at,
                    to,
                    shape: StateShape::of_circuit(circuit),
                    state,
                    cause: step.cause.clone(),
                });
            }
        };
        Some(Bar {
            from: step.at,
            to,
            shape,
            state: state.to_lowercase(),
            cause: step.cause.clone(),
        })
    });
    bars.collect()
}

/// What changed since polling began, as a snapshot tells it; what changed most first.
pub(super) fn watched(model: &Model, snapshot: &Snapshot) -> Vec<Row> {
    type Lanes = BTreeMap<(bool, ServiceId, String), Row>;
    let mut lanes = Lanes::new();
    for transition in snapshot.transitions.iter() {
        let (key, subject, dependency, before, after) = match &transition.change {
            Change::Health { service, from, to } => (
                (true, service.clone(), String::new()),
                Subject::Service(service.clone()),
                None,
                (
                    StateShape::of_health(*from),
                    words::health(*from).to_owned(),
                ),
                (StateShape::of_health(*to), words::health(*to).to_owned()),
            ),
            Change::Circuit {
                from_service,
                dependency,
                name,
                from,
                to,
            } => (
                (false, from_service.clone(), name.clone()),
                Subject::Breaker {
                    from: from_service.clone(),
                    name: name.clone(),
                },
                dependency.as_ref(),
                of_circuit(*from),
                of_circuit(*to),
            ),
        };
        let row = lanes
            .entry(key)
            .or_insert_with(|| subject_row(model, &subject, dependency));
        match row.bars.last_mut() {
            Some(last) => last.to = transition.at,
            // Nothing is known of the time before.
            None => row
                .bars
                .push(bar((snapshot.started, transition.at), before, "")),
        }
        let lasts = (transition.at, snapshot.at);
        row.bars.push(bar(lasts, after, &transition.cause));
    }
    let mut rows: Vec<_> = lanes.into_values().collect();
    // Those that changed more than once tell more; the order stays while nothing changes.
    rows.sort_by_key(|it| std::cmp::Reverse(it.bars.len().min(3)));
    rows
}

fn of_circuit(circuit: Circuit) -> (StateShape, String) {
    (StateShape::of_circuit(circuit), words::circuit(circuit))
}

fn bar(
    (from, to): (Timestamp, Timestamp),
    (shape, state): (StateShape, String),
    cause: &str,
) -> Bar {
    Bar {
        from,
        to,
        shape,
        state: state.to_lowercase(),
        cause: cause.to_owned(),
    }
}
