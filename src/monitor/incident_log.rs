//! Incidents through time: one for each cause, from its first sign to its end.
//!
//! Failures are not seen in the order in which they happen. A consequence seen before
//! its cause joins the cause's incident with its earlier start; a consequence that
//! recovers a little after its cause stays in that incident instead of becoming one.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::model::{Model, ServiceId};

use super::{
    Incident,
    incidents::{Cause, Diagnosis, routes_through},
};

/// How long a consequence may take to recover after its cause, in milliseconds.
const LINGER_MS: u64 = 30_000;

/// Incidents that ended and are kept.
const MAX_ENDED: usize = 200;

/// The incidents that last and those that ended lately.
#[derive(Debug, Default)]
pub(super) struct IncidentLog {
    open: Vec<Open>,
    ended: Vec<Incident>,
}

#[derive(Debug)]
struct Open {
    incident: Incident,
    /// Since when its causes work again while something they explain does not.
    recovered_at_ms: Option<u64>,
}

impl Open {
    fn covers(&self, cause: &Cause) -> bool {
        let known = |it: &ServiceId| {
            self.incident.causes.contains(it) || self.incident.impacted.contains(it)
        };
        cause.causes.iter().all(known)
    }
}

impl IncidentLog {
    /// Whether time alone may change something: an incident whose cause works again.
    pub(super) fn is_lingering(&self) -> bool {
        self.open.iter().any(|it| it.recovered_at_ms.is_some())
    }

    /// Brings the incidents up to what was diagnosed, and lets consequences that
    /// outlast their cause a little still name it.
    pub(super) fn update(
        &mut self,
        model: &Model,
        diagnosis: &mut Diagnosis,
        now_ms: u64,
        at: Timestamp,
        summary: impl Fn(&[ServiceId]) -> String,
    ) {
        let before = std::mem::take(&mut self.open);
        let mut after: Vec<Open> = Vec::new();
        let mut orphans = Vec::new();
        for cause in &diagnosis.causes {
            let same = before.iter().find(|it| it.incident.causes == cause.causes);
            // What was taken for a cause and is now explained began this incident.
            let absorbed = before.iter().filter(|it| {
                let explained =
                    |id: &ServiceId| cause.impacted.contains(id) || cause.causes.contains(id);
                it.recovered_at_ms.is_none() && it.incident.causes.iter().all(explained)
            });
            let began = absorbed.chain(same).map(|it| it.incident.since).min();
            let outlasting = before
                .iter()
                .find(|it| lingers(it, diagnosis, now_ms) && it.covers(cause));
            if let (None, Some(outlasting)) = (began, outlasting) {
                let nearest = outlasting.incident.causes.first();
                orphans.extend(cause.causes.iter().cloned().zip(nearest.cloned()));
                continue;
            }
            let impacted = same.map(|it| it.incident.impacted.as_slice());
            let mut impacted: BTreeSet<_> = impacted.unwrap_or_default().iter().cloned().collect();
            impacted.extend(cause.impacted.iter().cloned());
            after.push(Open {
                incident: incident(model, cause, impacted, began.unwrap_or(at), &summary),
                recovered_at_ms: None,
            });
        }
        diagnosis.impacted_by.extend(orphans);
        for open in before {
            self.keep_or_end(open, &mut after, diagnosis, now_ms, at);
        }
        after.sort_by(|a, b| a.incident.causes.cmp(&b.incident.causes));
        self.open = after;
    }

    /// Decides on an incident whose causes are no causes any more.
    fn keep_or_end(
        &mut self,
        mut open: Open,
        after: &mut Vec<Open>,
        diagnosis: &Diagnosis,
        now_ms: u64,
        at: Timestamp,
    ) {
        let is_current = |it: &Open| it.incident.causes == open.incident.causes;
        let is_explained = after.iter().any(|it| {
            let inside = |id: &ServiceId| {
                it.incident.causes.contains(id) || it.incident.impacted.contains(id)
            };
            open.incident.causes.iter().all(inside)
        });
        if after.iter().any(is_current) || is_explained {
            return;
        }
        let still_failing = diagnosis.causes.iter().any(|it| open.covers(it));
        if still_failing && lingers(&open, diagnosis, now_ms) {
            open.recovered_at_ms.get_or_insert(now_ms);
            after.push(open);
            return;
        }
        open.incident.until = Some(at);
        self.ended.insert(0, open.incident);
        self.ended.truncate(MAX_ENDED);
    }

    /// Those that last first, the newest of them first, then those that ended.
    pub(super) fn all(&self) -> Vec<Incident> {
        let mut all: Vec<_> = self.open.iter().map(|it| it.incident.clone()).collect();
        all.sort_by_key(|it| std::cmp::Reverse(it.since));
        all.extend(self.ended.iter().cloned());
        all
    }
}

/// Whether an incident whose causes work again may still explain what does not.
fn lingers(open: &Open, diagnosis: &Diagnosis, now_ms: u64) -> bool {
    let is_cause = |id: &ServiceId| diagnosis.causes.iter().any(|it| it.causes.contains(id));
    let recovered = !open.incident.causes.iter().any(is_cause);
    let since = open.recovered_at_ms.unwrap_or(now_ms);
    recovered && now_ms.saturating_sub(since) < LINGER_MS
}

fn incident(
    model: &Model,
    cause: &Cause,
    impacted: BTreeSet<ServiceId>,
    since: Timestamp,
    summary: &impl Fn(&[ServiceId]) -> String,
) -> Incident {
    let involved: BTreeSet<_> = cause.causes.iter().chain(&impacted).collect();
    Incident {
        causes: cause.causes.clone(),
        routes: routes_through(model, &involved),
        impacted: impacted.into_iter().collect(),
        since,
        until: None,
        summary: summary(&cause.causes),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use jiff::Timestamp;

    use super::IncidentLog;
    use crate::{
        model::{Model, ServiceId, testing::model},
        monitor::{Health, incidents::diagnose},
    };

    struct Watch {
        model: Model,
        log: IncidentLog,
    }

    impl Watch {
        fn new() -> Self {
            Self {
                model: model("x(web, orders, db); web -> orders; orders -> db"),
                log: IncidentLog::default(),
            }
        }

        /// What the log says at this second if these are down: `cause>impacted@since-until`.
        fn at(&mut self, second: i64, down: &str) -> String {
            let id = |it: &str| (ServiceId::new(it).unwrap(), Health::Down);
            let healths: BTreeMap<_, _> = down.split_whitespace().map(id).collect();
            let mut diagnosis = diagnose(&self.model, &healths, &BTreeSet::new());
            let at = Timestamp::from_second(second).unwrap();
            self.log.update(
                &self.model,
                &mut diagnosis,
                second as u64 * 1000,
                at,
                |_| String::new(),
            );
            let told = self.log.all().into_iter().map(|it| {
                let until = it
                    .until
                    .map_or(String::new(), |it| it.as_second().to_string());
                let names: Vec<_> = it.impacted.iter().map(ToString::to_string).collect();
                let since = it.since.as_second();
                format!("{}>{}@{since}-{until}", it.causes[0], names.join(","))
            });
            told.collect::<Vec<_>>().join(" ")
        }
    }

    #[test]
    fn an_incident_lasts_from_the_first_sign_to_the_recovery_of_its_cause() {
        let mut watch = Watch::new();
        assert_eq!(watch.at(1, "db"), "db>@1-");
        assert_eq!(watch.at(2, "db orders"), "db>orders@1-");
        assert_eq!(watch.at(9, ""), "db>orders@1-9");
        assert_eq!(watch.at(20, "web"), "web>@20- db>orders@1-9");
    }

    #[test]
    fn a_consequence_that_was_seen_first_joins_the_incident_of_its_cause() {
        let mut watch = Watch::new();
        assert_eq!(watch.at(1, "web orders"), "orders>web@1-");
        assert_eq!(watch.at(3, "web orders db"), "db>orders,web@1-");
        assert_eq!(watch.at(9, ""), "db>orders,web@1-9");
    }

    #[test]
    fn a_consequence_that_recovers_a_little_later_is_no_incident_of_its_own() {
        let mut watch = Watch::new();
        watch.at(1, "orders db");
        assert_eq!(watch.at(9, "orders"), "db>orders@1-");
        assert!(watch.log.is_lingering());
        assert_eq!(watch.at(12, ""), "db>orders@1-12");
    }

    #[test]
    fn a_consequence_that_stays_down_becomes_a_cause_of_its_own() {
        let mut watch = Watch::new();
        watch.at(1, "orders db");
        watch.at(9, "orders");
        assert_eq!(watch.at(60, "orders"), "orders>@60- db>orders@1-60");
    }

    #[test]
    fn a_cause_that_fails_again_while_the_rest_recovers_is_the_same_incident() {
        let mut watch = Watch::new();
        watch.at(1, "orders db");
        watch.at(9, "orders");
        assert_eq!(watch.at(11, "orders db"), "db>orders@1-");
    }
}
