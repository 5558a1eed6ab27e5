//! What the dialects found on one page, and what they share: names within bounds.

use std::collections::BTreeMap;

use super::super::{
    BreakerReading, CheckReading,
    reading::Body,
    words::{display_text, push_check},
};
use crate::monitor::{
    CallerBreaker, Confidence, Health, InstanceReading, Observation, exposition::Sample,
};

/// The most names of one kind that one page may make up.
pub(super) const MAX_NAMES: usize = 1000;

/// Labels that name a breaker, the most telling first.
const NAME_LABELS: [&str; 9] = [
    "name",
    "circuit_breaker",
    "circuitbreaker",
    "breaker",
    "circuit",
    "resource",
    "target",
    "upstream",
    "method",
];

/// What is known by name while a page is read: [`MAX_NAMES`] at most, each short, so that a
/// page of a hundred thousand names fills no memory.
#[derive(Debug)]
pub(super) struct Named<T>(BTreeMap<String, T>);

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T: Default> Named<T> {
    /// What is known by this name; `None` if there are too many, or it is empty.
    pub(super) fn of(&mut self, name: &str) -> Option<&mut T> {
        let name = display_text(name);
        let is_full = self.0.len() >= MAX_NAMES && !self.0.contains_key(&name);
        (!is_full && !name.is_empty()).then(|| self.0.entry(name).or_default())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.0.iter().map(|(name, it)| (name.as_str(), it))
    }
}

/// What a series calls its breaker: a label that names it, else all its labels but those
/// that tell the state, else the metric itself.
pub(super) fn breaker_name(sample: &Sample<'_>, state_label: &str) -> String {
    let named = NAME_LABELS.iter().find_map(|it| sample.label(it));
    if let Some(name) = named.filter(|it| !it.is_empty()) {
        return display_text(name);
    }
    let others = sample.labels.iter().filter(|(key, _)| key != state_label);
    let values: Vec<_> = others.map(|(_, it)| it.as_ref()).take(4).collect();
    let joined = display_text(&values.join(" "));
    if joined.is_empty() {
        display_text(&sample.name)
    } else {
        joined
    }
}

/// A count as a page writes it; `None` for what cannot be one.
pub(super) fn count(value: f64) -> Option<f64> {
    (value.is_finite() && value >= 0.0).then_some(value)
}

/// Whether a value says yes (1) or no (0); `None` if it is neither.
pub(super) fn bit(value: f64) -> Option<bool> {
    let is = |bit: f64| value.total_cmp(&bit).is_eq();
    (is(0.0) || is(-0.0) || is(1.0)).then(|| is(1.0))
}

/// What the dialects found.
#[derive(Debug, Default)]
pub(super) struct Found {
    breakers: BTreeMap<String, BreakerReading>,
    observation: Observation,
    health: Option<(Health, String)>,
    checks: Vec<CheckReading>,
}

impl Found {
    /// A breaker inside the process that has this page. Of several with one name the one
    /// that was reported counts, then the one in the worst state.
    pub(super) fn breaker(&mut self, reading: BreakerReading) {
        let worth = |it: &BreakerReading| {
            let is_reported = it.confidence == Confidence::Reported;
            (is_reported, it.circuit.severity())
        };
        let kept = self
            .breakers
            .entry(reading.name.clone())
            .or_insert_with(|| reading.clone());
        if worth(&reading) > worth(kept) {
            *kept = reading;
        }
    }

    /// A breaker that was found already.
    pub(super) fn known(&mut self, name: &str) -> Option<&mut BreakerReading> {
        self.breakers.get_mut(name)
    }

    /// A breaker between the proxy that has this page and one of its upstreams.
    pub(super) fn upstream(&mut self, reading: BreakerReading) {
        self.observation.breakers.push(CallerBreaker {
            caller: String::new(),
            reading,
        });
    }

    /// An instance of which the proxy that has this page tells.
    pub(super) fn instance(&mut self, service: &str, address: &str, health: Health, raw: &str) {
        self.observation.instances.push(InstanceReading {
            service: display_text(service),
            address: display_text(address),
            health,
            raw: display_text(raw),
            checks: Vec::new(),
        });
    }

    /// A part of the health of the process that has this page; the worst is the whole.
    pub(super) fn check(&mut self, name: &str, health: Health, raw: &str) {
        let badness = |it: Health| match it {
            Health::Down => 2,
            Health::Degraded => 1,
            _ => 0,
        };
        let known = self.health.as_ref().map(|(it, _)| badness(*it));
        if known.is_none_or(|it| it < badness(health)) {
            self.health = Some((health, raw.to_owned()));
        }
        let check = CheckReading {
            name: display_text(name),
            health,
            raw: raw.to_owned(),
        };
        push_check(&mut self.checks, check);
    }

    /// All of it, the worst breakers first, because those beyond the limit are left out.
    pub(super) fn into_body(self, note: Option<String>) -> Body {
        let mut breakers: Vec<_> = self.breakers.into_values().collect();
        if breakers.len() > super::super::reading::MAX_BREAKERS {
            breakers.sort_by_key(|it| std::cmp::Reverse(it.circuit.severity()));
        }
        let observed = &self.observation;
        let tells_of_others = !observed.instances.is_empty() || !observed.breakers.is_empty();
        let mut body = Body::of_breakers(breakers).with_checks(self.checks);
        if let Some((health, raw)) = self.health {
            (body.health, body.raw) = (Some(health), raw);
        }
        body.observation = tells_of_others.then_some(self.observation);
        body.note = note;
        body
    }
}
