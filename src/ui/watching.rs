//! The window's side of polling: starting, stopping, recording and the newest snapshot.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    command::Command,
    notifying::{self, Wanted},
    tasks::{Job, Tasks},
};
use crate::{
    history::{History, Recorder},
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
    /// What it is called.
    id: Option<EnvironmentId>,
    /// What is recorded, or is about to be.
    recording: Option<Recording>,
    /// Who ends or opens a history has this, so that one ends before the next begins.
    turn: Arc<Mutex<()>>,
    /// What was taken last.
    seen: Option<Arc<Snapshot>>,
}

/// A history that is written.
#[derive(Debug)]
struct Recording {
    /// The project's file.
    file: PathBuf,
    /// `None` until the history is open, or if it cannot be.
    recorder: Option<Recorder>,
    has_told_error: bool,
    has_told_notice: bool,
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
        self.id = Some(environment.clone());
        self.seen = None;
        Ok(problem)
    }

    /// Stops polling.
    pub(super) fn stop(&mut self, tasks: &Tasks) {
        self.stop_recording(tasks);
        *self = Self {
            turn: Arc::clone(&self.turn),
            ..Self::default()
        };
    }

    /// The project file beside which it records, or is about to.
    pub(super) fn recorded_file(&self) -> Option<&Path> {
        self.recording.as_ref().map(|it| it.file.as_path())
    }

    /// Whether what is seen now is kept.
    pub(super) fn is_recording(&self) -> bool {
        let recorder = self.recording.as_ref().and_then(|it| it.recorder.as_ref());
        recorder.is_some_and(|it| it.state().error.is_none())
    }

    /// Opens the history beside a project file in the background, to record.
    pub(super) fn open_history(&mut self, tasks: &Tasks, file: &Path) {
        self.recording = Some(Recording {
            file: file.to_owned(),
            recorder: None,
            has_told_error: false,
            has_told_notice: false,
        });
        let (turn, file) = (Arc::clone(&self.turn), file.to_owned());
        tasks.spawn_blocking(move || {
            let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
            let history = History::open(&file).map_err(|it| it.to_string());
            Command::HistoryOpened(file, history)
        });
    }

    /// Records into a history that was opened, if that is still wanted.
    pub(super) fn record(&mut self, tasks: &Tasks, file: &Path, history: History) {
        let (Some(monitor), Some(id)) = (&self.monitor, &self.id) else {
            return;
        };
        if let Some(recording) = &mut self.recording
            && recording.file == file
            && recording.recorder.is_none()
        {
            let recorder = Recorder::start(history, id.clone(), monitor, tasks.runtime());
            recording.recorder = Some(recorder);
        }
    }

    /// Ends recording in the background: the last write may wait for the disk.
    pub(super) fn stop_recording(&mut self, tasks: &Tasks) {
        let Some(recorder) = self.recording.take().and_then(|it| it.recorder) else {
            return;
        };
        let turn = Arc::clone(&self.turn);
        tasks.spawn_blocking(move || {
            let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
            drop(recorder);
            Command::RecordingEnded
        });
    }

    /// What a person should know of the recording; each thing once.
    pub(super) fn trouble(&mut self) -> Option<String> {
        let recording = self.recording.as_mut()?;
        let state = recording.recorder.as_ref()?.state();
        if let Some(error) = state.error.filter(|_| !recording.has_told_error) {
            recording.has_told_error = true;
            return Some(format!("nothing is recorded now: {error}"));
        }
        let notice = state.notice.filter(|_| !recording.has_told_notice)?;
        recording.has_told_notice = true;
        Some(notice)
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
    if !matches!(url.scheme(), "http" | "https" | "grpc" | "grpcs") {
        return Err("only http, https, grpc and grpcs are asked");
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
        assert_eq!(check_address("grpc://127.0.0.1:9000"), Ok(()));
        assert!(check_address("127.0.0.1:8080").is_err());
        assert!(check_address("file:///etc/passwd").is_err());
    }
}
