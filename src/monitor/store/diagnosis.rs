//! From what is down to incidents, and the sentence that tells of each.

use super::{Moment, Store};
use crate::{
    model::ServiceId,
    monitor::{Health, incidents::diagnose},
};

impl Store {
    pub(super) fn diagnose(&mut self, now: Moment) {
        self.is_diagnosis_old = false;
        let healths = self.services.iter().map(|it| (it.id.clone(), it.health));
        let tripped = self.breakers.tripped();
        let mut diagnosis = diagnose(&self.plan.model, &healths.collect(), &tripped);
        let mut incidents = std::mem::take(&mut self.incidents);
        incidents.update(
            &self.plan.model,
            &mut diagnosis,
            (now.millis, now.wall),
            |causes| self.summary(causes),
        );
        self.incidents = incidents;
        if self.impacted_by != diagnosis.impacted_by {
            self.impacted_by = diagnosis.impacted_by;
            self.shown.forget_all();
        }
    }

    /// `bank is not answering (connection refused)`.
    fn summary(&self, causes: &[ServiceId]) -> String {
        let names: Vec<_> = causes
            .iter()
            .map(|it| self.plan.model.service_name(it))
            .collect();
        let [only] = causes else {
            return format!("{} fail in a circle", names.join(", "));
        };
        let name = names.join("");
        let found = self.services.binary_search_by(|it| it.id.cmp(only));
        let record = found.ok().and_then(|it| self.services.get(it));
        let mut instances = record.into_iter().flat_map(|it| &it.probes);
        let unwell = instances.find_map(|&it| {
            let instance = &self.instances[it];
            instance.health().is_failing().then_some(instance)
        });
        match unwell {
            Some(it) if it.reach().is_network_error() => {
                format!("{name} is not answering ({})", it.reach().label())
            }
            Some(it) if it.health() == Health::OutOfService => format!("{name} is out of service"),
            Some(it) => format!("{name} is down ({})", it.cause()),
            None => format!("{name} is down"),
        }
    }
}
