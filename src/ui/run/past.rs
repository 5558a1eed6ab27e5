//! The time before now: recording it, reading it, and looking at a moment of it.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::Timestamp;

use crate::{
    history::{History, Subject},
    model::{ElementId, EnvironmentId},
    monitor::DEFAULT_INTERVAL,
    ui::{
        App,
        command::Command,
        past::{self, Kept, Moment, Record, Span, Wanted},
        state::Mode,
    },
};

/// Reads one thing after the other; what is wanted meanwhile comes next.
#[derive(Debug, Default)]
pub(in crate::ui) struct Reader {
    is_reading: bool,
    /// The history that was opened last, and the project's file.
    kept: Option<(PathBuf, History)>,
}

impl Reader {
    /// The history to go on with, if it is of this file.
    fn begin(&mut self, file: &Path) -> Kept {
        self.is_reading = true;
        let kept = self.kept.take().filter(|it| it.0 == file);
        kept.map(|it| it.1)
    }

    fn end(&mut self, file: &Path, kept: Kept) {
        self.is_reading = false;
        self.kept = kept.map(|it| (file.to_owned(), it));
    }
}

impl App {
    /// Shows everything as it was at a moment, or as it is now.
    pub(super) fn look_back(&mut self, moment: Option<Timestamp>) {
        let past = &mut self.state.past;
        let now = Timestamp::now();
        past.moment = moment.map(|it| it.min(now));
        if past.moment.is_some() {
            // The time that is looked at does not run away.
            past.until = past.until.or(Some(now));
        } else {
            past.until = None;
            past.seen = None;
        }
    }

    /// The timeline shows so much time until then, or until now.
    pub(super) fn show_time(&mut self, span: Span, until: Option<Timestamp>) {
        let past = &mut self.state.past;
        let now = Timestamp::now();
        past.span = span;
        past.until = until.filter(|it| *it < now);
        if past.until.is_none() && past.moment.is_some() {
            past.until = Some(now);
        }
    }

    /// Whether what is seen is recorded.
    pub(super) fn toggle_recording(&mut self) {
        let settings = &mut self.state.settings;
        settings.is_recording = !settings.is_recording;
    }

    /// Records what should be recorded now and nothing else, and says what is wrong.
    pub(in crate::ui) fn follow_recording(&mut self) {
        let state = &self.state;
        let is_wanted = state.is_polling && state.settings.is_recording;
        let wanted = state.path.as_ref().filter(|_| is_wanted);
        let watching = &mut self.desk.watching;
        if watching.recorded_file() != wanted.map(PathBuf::as_path) {
            watching.stop_recording(&self.tasks);
            if let Some(file) = wanted {
                watching.open_history(&self.tasks, file);
            }
        }
        self.state.past.is_recording = watching.is_recording();
        if let Some(trouble) = watching.trouble() {
            self.notify(trouble, true);
        }
    }

    pub(super) fn history_opened(&mut self, file: PathBuf, result: Result<History, String>) {
        match result {
            Ok(history) => self.desk.watching.record(&self.tasks, &file, history),
            Err(problem) => self.notify(format!("nothing is recorded: {problem}"), true),
        }
    }

    /// Recording ended: what was written last is read again.
    pub(super) fn recording_ended(&mut self) {
        self.desk.is_record_outdated = true;
    }

    /// Reads what is shown of the past, in the background; the newest wish wins.
    pub(in crate::ui) fn follow_past(&mut self) {
        let place = self.state.path.clone().zip(self.state.environment.clone());
        let Some((file, environment)) = place.filter(|_| self.state.mode == Mode::Live) else {
            return;
        };
        let subject = match self.state.selected_element() {
            Some(ElementId::Service(id)) => Some(Subject::Service(id.clone())),
            Some(ElementId::Dependency(id)) => Some(Subject::Dependency(id.clone())),
            Some(ElementId::Boundary(_) | ElementId::Route(_)) | None => None,
        };
        let past = &self.state.past;
        let pause = self.pause_of(&environment, subject.as_ref());
        let wanted = Wanted::of(past, (&file, &environment), (subject, pause));
        let is_read = past.record.as_ref().is_some_and(|it| it.wanted == wanted);
        let desk = &mut self.desk;
        if !desk.record_reader.is_reading && (!is_read || desk.is_record_outdated) {
            desk.is_record_outdated = false;
            let kept = desk.record_reader.begin(&file);
            self.tasks.spawn_blocking(move || {
                let (record, kept) = past::read_record(kept, wanted);
                Command::RecordRead(Box::new(record), kept)
            });
        }
        let Some(moment) = past.moment else { return };
        let is_seen = past.seen.as_ref().is_some_and(|it| it.at == moment);
        if !desk.moment_reader.is_reading && !is_seen {
            let kept = desk.moment_reader.begin(&file);
            self.tasks.spawn_blocking(move || {
                let (moment, kept) = past::read_moment(kept, (file, environment), moment);
                Command::MomentRead(Box::new(moment), kept)
            });
        }
    }

    /// How long an instance of a service pauses between two answers; nothing else has
    /// several that answer in turn.
    fn pause_of(&self, environment: &EnvironmentId, subject: Option<&Subject>) -> Duration {
        let project = self.state.document.project();
        let Some(Subject::Service(id)) = subject else {
            return Duration::ZERO;
        };
        let environment = project.environments.get(environment);
        let target = environment.and_then(|it| it.targets.get(id));
        let said = target.and_then(|it| it.interval_ms);
        let said = said.or_else(|| environment?.interval_ms);
        said.map_or(DEFAULT_INTERVAL, Duration::from_millis)
    }

    pub(super) fn record_read(&mut self, record: Record, kept: Kept) {
        self.desk.record_reader.end(&record.wanted.file, kept);
        let wanted = &record.wanted;
        let is_shown = self.state.path.as_ref() == Some(&wanted.file)
            && self.state.environment.as_ref() == Some(&wanted.environment);
        if is_shown {
            self.state.past.record = Some(record);
        }
    }

    pub(super) fn moment_read(&mut self, moment: Moment, kept: Kept) {
        self.desk.moment_reader.end(&moment.file, kept);
        let is_shown = self.state.path.as_ref() == Some(&moment.file)
            && self.state.environment.as_ref() == Some(&moment.environment)
            && self.state.past.moment.is_some();
        if !is_shown {
            return;
        }
        if let Some(problem) = moment.problem {
            self.notify(problem, true);
        }
        self.state.past.seen = Some(moment.seen);
    }
}
