//! The window's side of polling: starting, stopping and the newest snapshot.

use std::{collections::BTreeSet, path::Path, sync::Arc};

use super::{
    notifying::{self, Wanted},
    tasks::{Job, Tasks},
};
use crate::{
    model::EnvironmentId,
    monitor::{Consent, Monitor, MonitorPlan, Snapshot},
    project::{Environment, Project},
};

/// Polls an environment while it is started.
#[derive(Debug, Default)]
pub(super) struct Watching {
    monitor: Option<Monitor>,
    /// Tells of incidents outside the window.
    telling: Option<Job>,
    /// What it was started with.
    environment: Option<Arc<Environment>>,
    /// What was taken last.
    seen: Option<Arc<Snapshot>>,
}

impl Watching {
    /// Polls an environment of a project that lies in a folder. Gives what is wrong beside
    /// that.
    pub(super) fn start(
        &mut self,
        tasks: &Tasks,
        (project, folder): (&Project, Option<&Path>),
        environment: &EnvironmentId,
        allowed: &BTreeSet<String>,
        wanted: &Wanted,
    ) -> Result<Option<String>, String> {
        let plan = MonitorPlan::new(project, environment, &Consent::to(allowed))
            .map_err(|it| it.to_string())?;
        let plan = plan.in_folder(folder.unwrap_or(Path::new("")));
        let (webhook, problem) = match plan.webhook() {
            Some(Ok(webhook)) => (Some(webhook.clone()), None),
            Some(Err(problem)) => (
                None,
                Some(format!("nobody is told of incidents: {problem}")),
            ),
            None => (None, None),
        };
        let monitor = Monitor::start(plan, tasks.runtime(), tasks.waker());
        self.telling = Some(notifying::start(
            tasks,
            monitor.notices(),
            project.model.clone(),
            webhook,
            Wanted::clone(wanted),
        ));
        self.monitor = Some(monitor);
        self.environment = project.environments.get(environment).cloned();
        self.seen = None;
        Ok(problem)
    }

    /// Stops polling.
    pub(super) fn stop(&mut self) {
        *self = Self::default();
    }

    /// Whether it polls other addresses than the project now says.
    pub(super) fn is_outdated(&self, now: Option<&Arc<Environment>>) -> bool {
        match (&self.environment, now) {
            (Some(started), Some(now)) => !Arc::ptr_eq(started, now) && started != now,
            (Some(_), None) => true,
            (None, _) => false,
        }
    }

    /// A snapshot that was not taken yet.
    pub(super) fn latest(&mut self) -> Option<Arc<Snapshot>> {
        let latest = self.monitor.as_ref()?.latest();
        let is_news = latest.at != jiff::Timestamp::default()
            && !self
                .seen
                .as_ref()
                .is_some_and(|it| Arc::ptr_eq(it, &latest));
        if !is_news {
            return None;
        }
        self.seen = Some(Arc::clone(&latest));
        Some(latest)
    }
}

/// Whether a text can be the start of an instance's address.
pub(super) fn check_address(text: &str) -> Result<(), &'static str> {
    let url = url::Url::parse(text).map_err(|_| "this is no address: write http://host:port")?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("only http and https are asked");
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err("a host is missing");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check_address;

    #[test]
    fn an_address_says_what_is_wrong_with_it() {
        assert_eq!(check_address("https://shop.example.com/base"), Ok(()));
        assert!(check_address("127.0.0.1:8080").is_err());
        assert!(check_address("file:///etc/passwd").is_err());
    }
}
