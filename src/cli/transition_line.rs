//! A change as one line: what `demo --headless` and `watch` write.

use serde::Serialize;

use super::snapshot_json::{circuit_label, health_label};
use crate::{
    demo,
    model::{Model, ServiceId},
    monitor,
};

/// A change; as JSON, its keys come in this order.
#[derive(Debug, Serialize)]
pub(super) struct TransitionLine<'a> {
    at: String,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<&'a ServiceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a ServiceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<&'a ServiceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    from_state: &'static str,
    to_state: &'static str,
    cause: &'a str,
    version: u32,
}

impl TransitionLine<'_> {
    /// The change as people read it.
    pub(super) fn as_text(&self) -> String {
        let subject = match (self.service, self.from, self.to, self.name) {
            (Some(service), ..) => service.to_string(),
            (None, Some(from), Some(to), _) => format!("{from} → {to}"),
            (None, from, _, name) => format!(
                "{} → {}",
                from.map_or("?", ServiceId::as_str),
                name.unwrap_or("?")
            ),
        };
        let (at, from, to) = (&self.at, self.from_state, self.to_state);
        let cause = match self.cause {
            "" => String::new(),
            cause => format!("  ({cause})"),
        };
        format!("{at}  {subject:<28} {from} → {to}{cause}")
    }
}

/// What the demo says of itself.
pub(super) fn of_demo(transition: &demo::Transition) -> TransitionLine<'_> {
    let at = format!("{:.3}", transition.at);
    let cause = transition.cause.as_str();
    match &transition.change {
        demo::Change::Health { service, from, to } => {
            health(at, service, [from.label(), to.label()], cause)
        }
        demo::Change::Breaker {
            from,
            to,
            name,
            from_state,
            to_state,
        } => TransitionLine {
            at,
            kind: "breaker",
            service: None,
            from: Some(from),
            to: Some(to),
            name: Some(name),
            from_state: from_state.label(),
            to_state: to_state.label(),
            cause,
            version: 1,
        },
    }
}

/// What was observed; `model` tells which service a breaker protects.
pub(super) fn of_monitor<'a>(
    transition: &'a monitor::Transition,
    model: &'a Model,
) -> TransitionLine<'a> {
    let at = format!("{:.3}", transition.at);
    let cause = transition.cause.as_str();
    match &transition.change {
        monitor::Change::Health { service, from, to } => {
            let states = [health_label(*from), health_label(*to)];
            health(at, service, states, cause)
        }
        monitor::Change::Circuit {
            from_service,
            dependency,
            name,
            from,
            to,
        } => {
            let dependency = dependency
                .as_ref()
                .and_then(|it| model.dependencies.get(it));
            TransitionLine {
                at,
                kind: "breaker",
                service: None,
                from: Some(from_service),
                to: dependency.map(|it| &it.to),
                name: Some(name),
                from_state: circuit_label(*from),
                to_state: circuit_label(*to),
                cause,
                version: 1,
            }
        }
    }
}

fn health<'a>(
    at: String,
    service: &'a ServiceId,
    [from_state, to_state]: [&'static str; 2],
    cause: &'a str,
) -> TransitionLine<'a> {
    TransitionLine {
        at,
        kind: "health",
        service: Some(service),
        from: None,
        to: None,
        name: None,
        from_state,
        to_state,
        cause,
        version: 1,
    }
}
