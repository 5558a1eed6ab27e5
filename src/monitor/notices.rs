//! One notice when an incident begins and one when it ends: for desktop notifications,
//! webhooks and `meshboard watch`.
//!
//! An incident is announced a few seconds after its first sign, because a consequence may
//! be seen before its cause, and what looked like two may turn out to be one.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use jiff::SignedDuration;

use super::{Incident, Snapshot, Snapshots};

/// How long an incident lasts before it is announced.
const PATIENCE: SignedDuration = SignedDuration::from_secs(5);

/// What people are told of an incident.
#[derive(Debug, Clone, PartialEq)]
pub enum Notice {
    /// It lasts.
    Began(Incident),
    /// It was announced, and is over.
    Ended(Incident),
}

impl Notice {
    /// The incident.
    pub fn incident(&self) -> &Incident {
        match self {
            Self::Began(it) | Self::Ended(it) => it,
        }
    }
}

/// Which incidents were announced already.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Those that were announced and last, by their number.
    announced: BTreeMap<u64, Incident>,
}

impl Ledger {
    /// What is new in a snapshot, in the order in which incidents began.
    pub fn take(&mut self, snapshot: &Snapshot) -> Vec<Notice> {
        let mut notices = Vec::new();
        let mut lasting = BTreeMap::new();
        let mut ended = BTreeMap::new();
        for incident in &snapshot.incidents {
            if incident.until.is_some() {
                ended.insert(incident.id, incident);
            } else {
                lasting.insert(incident.id, incident);
            }
        }
        for (id, announced) in std::mem::take(&mut self.announced) {
            match (lasting.get(&id), ended.get(&id)) {
                (Some(incident), _) => {
                    self.announced.insert(id, (*incident).clone());
                }
                (None, Some(incident)) => notices.push(Notice::Ended((*incident).clone())),
                // It became part of an older one, or so many ended since that it was
                // forgotten: over in any case.
                (None, None) => {
                    let until = Some(snapshot.at.max(announced.since));
                    notices.push(Notice::Ended(Incident { until, ..announced }));
                }
            }
        }
        for (id, incident) in lasting {
            let lasts = snapshot.at.duration_since(incident.since);
            // What begins in the future began before the clock was set back.
            let is_old = lasts >= PATIENCE || lasts.is_negative();
            if is_old && !self.announced.contains_key(&id) {
                self.announced.insert(id, incident.clone());
                notices.push(Notice::Began(incident.clone()));
            }
        }
        notices
    }
}

/// The notices of a monitor, one after the other.
#[derive(Debug)]
pub struct Notices {
    snapshots: Snapshots,
    ledger: Ledger,
    waiting: VecDeque<Notice>,
}

impl Notices {
    pub(super) fn new(snapshots: Snapshots) -> Self {
        Self {
            snapshots,
            ledger: Ledger::default(),
            waiting: VecDeque::new(),
        }
    }

    /// The next notice; `None` once polling has ended.
    pub async fn next(&mut self) -> Option<Notice> {
        loop {
            if let Some(notice) = self.waiting.pop_front() {
                return Some(notice);
            }
            let snapshot: Arc<Snapshot> = self.snapshots.next().await?;
            self.waiting.extend(self.ledger.take(&snapshot));
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{Ledger, Notice};
    use crate::{
        model::ServiceId,
        monitor::{Incident, Snapshot},
    };

    fn incident(id: u64, cause: &str, since: i64, until: Option<i64>) -> Incident {
        let second = |it| Timestamp::from_second(it).unwrap();
        Incident {
            id,
            causes: vec![ServiceId::new(cause).unwrap()],
            impacted: Vec::new(),
            path: Vec::new(),
            at_risk: Vec::new(),
            routes: Vec::new(),
            since: second(since),
            until: until.map(second),
            summary: format!("{cause} is down"),
        }
    }

    /// What is told at a second, such as `began db, ended web`.
    fn told(ledger: &mut Ledger, second: i64, incidents: &[Incident]) -> String {
        let snapshot = Snapshot {
            at: Timestamp::from_second(second).unwrap(),
            incidents: incidents.to_vec(),
            ..Snapshot::default()
        };
        let words = ledger.take(&snapshot).into_iter().map(|it| match it {
            Notice::Began(it) => format!("began {}", it.causes[0]),
            Notice::Ended(it) => {
                format!("ended {} {}", it.causes[0], it.until.unwrap().as_second())
            }
        });
        words.collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn an_incident_is_told_once_when_it_lasts_and_once_when_it_is_over() {
        let mut ledger = Ledger::default();
        assert_eq!(told(&mut ledger, 101, &[incident(1, "db", 100, None)]), "");
        assert_eq!(
            told(&mut ledger, 106, &[incident(1, "db", 100, None)]),
            "began db"
        );
        assert_eq!(told(&mut ledger, 107, &[incident(1, "db", 100, None)]), "");
        let over = incident(1, "db", 100, Some(160));
        assert_eq!(
            told(&mut ledger, 161, std::slice::from_ref(&over)),
            "ended db 160"
        );
        assert_eq!(told(&mut ledger, 162, &[over]), "");
    }

    #[test]
    fn what_is_over_before_it_was_told_is_never_told() {
        let mut ledger = Ledger::default();
        assert_eq!(told(&mut ledger, 101, &[incident(1, "db", 100, None)]), "");
        assert_eq!(
            told(&mut ledger, 103, &[incident(1, "db", 100, Some(102))]),
            ""
        );
        assert_eq!(
            told(&mut ledger, 200, &[incident(1, "db", 100, Some(102))]),
            ""
        );
    }

    #[test]
    fn a_consequence_that_joins_its_cause_under_one_number_is_told_once() {
        let mut ledger = Ledger::default();
        assert_eq!(
            told(&mut ledger, 106, &[incident(1, "web", 100, None)]),
            "began web"
        );
        assert_eq!(told(&mut ledger, 108, &[incident(1, "db", 100, None)]), "");
        assert_eq!(
            told(&mut ledger, 160, &[incident(1, "db", 100, Some(159))]),
            "ended db 159"
        );
    }
}
