//! Polling: consent, start and stop.

use crate::{
    model::EnvironmentId,
    monitor::hosts_needing_consent,
    ui::{App, command::Command, dialogs::Dialog, state::Mode},
};

impl App {
    pub(super) fn choose_environment(&mut self, environment: Option<EnvironmentId>) {
        if self.state.environment == environment {
            return;
        }
        let was_polling = self.state.is_polling;
        self.stop_polling();
        self.state.snapshot = None;
        self.state.past.forget();
        self.state.environment = environment;
        if was_polling {
            self.start_polling();
        }
    }

    /// Polls, once every host beside this machine was allowed.
    pub(super) fn start_polling(&mut self) {
        let project = self.state.document.project().clone();
        let Some(id) = self.state.environment.clone() else {
            return;
        };
        let asked = project
            .environments
            .get(&id)
            .map_or(0, |it| it.targets.len() + it.sources.len());
        if asked == 0 {
            self.notify(
                format!(
                    "{id} says of no service where it runs\nselect a service and add an instance under “Observed in {id}”, or add a source to the environment"
                ),
                true,
            );
            return;
        }
        let allowed = self.state.settings.allowed(self.state.path.as_deref());
        let asked: Vec<_> = hosts_needing_consent(&project, &id)
            .into_iter()
            .filter(|it| !allowed.contains(it))
            .collect();
        if !asked.is_empty() {
            self.state.dialog = Some(Dialog::Consent(asked));
            return;
        }
        let path = self.state.path.as_deref();
        let folder = path.and_then(std::path::Path::parent);
        match self.desk.watching.start(
            &self.tasks,
            (&project, folder),
            &id,
            &allowed,
            &self.desk.wants_notices,
        ) {
            Ok(problem) => {
                if let Some(problem) = problem {
                    self.notify(problem, true);
                }
                self.state.is_polling = true;
                self.commands.push(Command::Show(Mode::Live));
            }
            Err(error) => self.notify(error, true),
        }
    }

    /// Polls what the project says now, if that changed while polling.
    pub(in crate::ui) fn follow_environment(&mut self) {
        let project = self.state.document.project();
        let now = self
            .state
            .environment
            .as_ref()
            .and_then(|it| project.environments.get(it));
        if self.state.is_polling && self.desk.watching.is_outdated(now) {
            self.stop_polling();
            self.start_polling();
        }
    }

    /// Whether the desktop is told of incidents.
    pub(super) fn toggle_notifications(&mut self) {
        let is_notifying = &mut self.state.settings.is_notifying;
        *is_notifying = !*is_notifying;
        self.desk
            .wants_notices
            .store(*is_notifying, std::sync::atomic::Ordering::Relaxed);
    }

    pub(super) fn stop_polling(&mut self) {
        self.desk.watching.stop(&self.tasks);
        self.state.is_polling = false;
    }

    pub(super) fn allow_hosts(&mut self, hosts: Vec<String>) {
        self.state.dialog = None;
        self.state.settings.allow(self.state.path.as_deref(), hosts);
        self.start_polling();
    }
}
