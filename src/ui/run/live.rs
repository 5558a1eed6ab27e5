//! Polling: consent, start and stop.

use crate::{
    model::EnvironmentId,
    ui::{
        App,
        command::Command,
        dialogs::Dialog,
        state::Mode,
        watching::{hosts, is_this_machine},
    },
};

impl App {
    pub(super) fn choose_environment(&mut self, environment: Option<EnvironmentId>) {
        if self.state.environment == environment {
            return;
        }
        let was_polling = self.state.is_polling;
        self.stop_polling();
        self.state.snapshot = None;
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
        let Some(environment) = project.environments.get(&id) else {
            return;
        };
        if environment.targets.is_empty() {
            self.notify(
                format!(
                    "{id} says of no service where it runs\nselect a service and add an instance under “Observed in {id}”"
                ),
                true,
            );
            return;
        }
        let allowed = self.state.settings.allowed(self.state.path.as_deref());
        let asked: Vec<_> = hosts(environment)
            .into_iter()
            .filter(|it| !is_this_machine(it) && !allowed.contains(it))
            .collect();
        if !asked.is_empty() {
            self.state.dialog = Some(Dialog::Consent(asked));
            return;
        }
        match self
            .desk
            .watching
            .start(&self.tasks, &project, &id, &allowed)
        {
            Ok(()) => {
                self.state.is_polling = true;
                self.commands.push(Command::Show(Mode::Live));
            }
            Err(error) => self.notify(error, true),
        }
    }

    pub(super) fn stop_polling(&mut self) {
        self.desk.watching.stop();
        self.state.is_polling = false;
    }

    pub(super) fn allow_hosts(&mut self, hosts: Vec<String>) {
        self.state.dialog = None;
        self.state.settings.allow(self.state.path.as_deref(), hosts);
        self.start_polling();
    }
}
