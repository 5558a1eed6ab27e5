//! Incidents through time: one for each cause, from its first sign to its end.
//!
//! Failures are not seen in the order in which they happen. A consequence seen before
//! its cause joins the cause's incident with its earlier start; a consequence that
//! recovers a little after its cause stays in that incident instead of becoming one.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::{SignedDuration, Timestamp};

use crate::model::{Model, RouteId, ServiceId};

use super::{
    Incident,
    incidents::{Cause, Diagnosis},
};

/// How long a consequence may take to recover after its cause, in milliseconds.
const LINGER_MS: u64 = 30_000;

/// Incidents that ended and are kept.
const MAX_ENDED: usize = 200;

/// The incidents that last and those that ended lately.
#[derive(Debug, Default)]
pub(super) struct IncidentLog {
    open: Vec<Open>,
    /// The newest first.
    ended: VecDeque<Incident>,
    /// How many there ever were.
    count: u64,
}

#[derive(Debug)]
struct Open {
    incident: Incident,
    /// When it began, by a clock that never jumps.
    began_ms: u64,
    /// Since when its causes work again while something they explain does not.
    recovered_at_ms: Option<u64>,
    /// Whether something was found in this round that it still explains.
    is_kept: bool,
}

impl Open {
    /// Whether its causes, which work again, may still explain what does not.
    fn lingers(&self, now_ms: u64) -> bool {
        let since = self.recovered_at_ms.unwrap_or(now_ms);
        now_ms.saturating_sub(since) < LINGER_MS
    }

    /// The incident as it ends now. It lasted at least as long as the clock that never
    /// jumps says; the one on the wall may have been set back meanwhile.
    fn ended(self, (now_ms, now): (u64, Timestamp)) -> Incident {
        let lasted = now_ms.saturating_sub(self.began_ms);
        let lasted = SignedDuration::from_millis(lasted.cast_signed());
        let since = self.incident.since;
        let earliest = since.checked_add(lasted).unwrap_or(since);
        Incident {
            until: Some(now.max(earliest)),
            ..self.incident
        }
    }

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
        now: (u64, Timestamp),
        summary: impl Fn(&[ServiceId]) -> String,
    ) {
        let index = Index::new(model, diagnosis);
        let (mut before, mut carried) = index.carry_over(std::mem::take(&mut self.open));
        let mut orphans = Vec::new();
        let mut after = Vec::new();
        for (number, cause) in diagnosis.causes.iter().enumerate() {
            let known = carried.remove(&number);
            let outlasts = |it: &&mut Open| it.lingers(now.0) && it.covers(cause);
            if known.is_none()
                && let Some(open) = before.iter_mut().find(outlasts)
            {
                open.recovered_at_ms.get_or_insert(now.0);
                open.is_kept = true;
                let nearest = open.incident.causes.first();
                orphans.extend(cause.causes.iter().cloned().zip(nearest.cloned()));
                continue;
            }
            let (id, began, mut impacted) = known.unwrap_or_else(|| {
                self.count += 1;
                (self.count, now, BTreeSet::new())
            });
            impacted.extend(cause.impacted.iter().cloned());
            after.push(Open {
                incident: Incident {
                    id,
                    path: cause.path.clone(),
                    at_risk: cause.at_risk.clone(),
                    causes: cause.causes.clone(),
                    routes: index.routes(cause.causes.iter().chain(&impacted)),
                    impacted: impacted.into_iter().collect(),
                    since: began.1,
                    until: None,
                    summary: summary(&cause.causes),
                },
                began_ms: began.0,
                recovered_at_ms: None,
                is_kept: false,
            });
        }
        diagnosis.impacted_by.extend(orphans);
        for mut open in before {
            if std::mem::take(&mut open.is_kept) {
                after.push(open);
            } else {
                self.ended.push_front(open.ended(now));
            }
        }
        self.ended.truncate(MAX_ENDED);
        after.sort_by(|a, b| a.incident.causes.cmp(&b.incident.causes));
        self.open = after;
    }

    /// Those that last first, the newest of them first, then those that ended.
    pub(super) fn all(&self) -> Vec<Incident> {
        let mut open: Vec<_> = self.open.iter().collect();
        open.sort_by_key(|it| std::cmp::Reverse(it.began_ms));
        let mut all: Vec<_> = open.into_iter().map(|it| it.incident.clone()).collect();
        all.extend(self.ended.iter().cloned());
        all
    }
}

/// An incident's number, when it began, and what it has explained so far.
type Carried = (u64, (u64, Timestamp), BTreeSet<ServiceId>);

/// Which diagnosed cause an old incident goes on in.
struct Successor {
    cause: usize,
    is_same: bool,
}

/// Who is explained by which causes, and which routes lead through whom.
struct Index {
    explained: BTreeMap<ServiceId, Vec<usize>>,
    same: BTreeMap<Vec<ServiceId>, usize>,
    routes: BTreeMap<ServiceId, Vec<RouteId>>,
}

impl Index {
    fn new(model: &Model, diagnosis: &Diagnosis) -> Self {
        let mut explained: BTreeMap<_, Vec<_>> = BTreeMap::new();
        let mut same = BTreeMap::new();
        for (number, cause) in diagnosis.causes.iter().enumerate() {
            same.insert(cause.causes.clone(), number);
            for id in cause.causes.iter().chain(&cause.impacted) {
                explained.entry(id.clone()).or_default().push(number);
            }
        }
        let mut routes: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (id, route) in &model.routes {
            for end in [&route.service, &route.gateway] {
                routes.entry(end.clone()).or_default().push(id.clone());
            }
        }
        Self {
            explained,
            same,
            routes,
        }
    }

    /// Each old incident goes on in the one that has its causes, or explains them.
    /// Gives those that do not, and what the others bring along, by number of cause.
    fn carry_over(&self, before: Vec<Open>) -> (Vec<Open>, BTreeMap<usize, Carried>) {
        let mut left = Vec::new();
        let mut carried: BTreeMap<usize, Carried> = BTreeMap::new();
        for open in before {
            let Some(Successor { cause, is_same }) = self.successor(&open) else {
                left.push(open);
                continue;
            };
            let began = (open.began_ms, open.incident.since);
            let start = (open.incident.id, began, BTreeSet::new());
            let (id, oldest, impacted) = carried.entry(cause).or_insert(start);
            // Of several that become one, the oldest gives the number.
            *id = open.incident.id.min(*id);
            *oldest = began.min(*oldest);
            if is_same {
                impacted.extend(open.incident.impacted);
            }
        }
        (left, carried)
    }

    fn successor(&self, open: &Open) -> Option<Successor> {
        let causes = &open.incident.causes;
        if let Some(&cause) = self.same.get(causes) {
            let is_same = true;
            return Some(Successor { cause, is_same });
        }
        // What recovers with its consequences is not taken over by another cause.
        if open.recovered_at_ms.is_some() {
            return None;
        }
        let explaining = |id| self.explained.get(id).map_or(&[][..], Vec::as_slice);
        let (first, others) = causes.split_first()?;
        let mut common = explaining(first).iter();
        let cause = common.find(|it| others.iter().all(|id| explaining(id).contains(it)))?;
        Some(Successor {
            cause: *cause,
            is_same: false,
        })
    }

    /// The routes that lead to, or start at, any of these, sorted.
    fn routes<'a>(&self, services: impl Iterator<Item = &'a ServiceId>) -> Vec<RouteId> {
        let all: BTreeSet<_> = services
            .filter_map(|it| self.routes.get(it))
            .flatten()
            .collect();
        all.into_iter().cloned().collect()
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
                (second as u64 * 1000, at),
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
    fn routes_that_lead_through_what_fails_are_affected() {
        let mut watch = Watch::new();
        watch.model =
            model("x(gw:gateway, web, db); web -> db; gw/a -> web; gw/b -> db; gw/c -> gw");
        watch.at(1, "web");
        let incidents = watch.log.all();
        let [route] = &incidents[0].routes[..] else {
            panic!("{:?}", incidents[0].routes);
        };
        assert_eq!(watch.model.routes[route].path_prefix, "/a");
    }

    #[test]
    fn a_cause_that_fails_again_while_the_rest_recovers_is_the_same_incident() {
        let mut watch = Watch::new();
        watch.at(1, "orders db");
        watch.at(9, "orders");
        assert_eq!(watch.at(11, "orders db"), "db>orders@1-");
    }
}
