//! Performs every command. The only place that changes what the window shows.

mod arrange;
mod edit;
mod export;
mod file;
mod live;
mod open;
mod past;
mod view;

use std::{path::PathBuf, sync::Arc};

use egui::Context;

pub(super) use past::Reader;

use super::{
    App,
    action::Action,
    command::Command,
    dialogs::Dialog,
    state::{Badge, Judgement, Notice},
    theme,
};
use crate::{model::Severity, rules};

/// What a person wants once unsaved work is dealt with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Departure {
    /// End the program.
    Quit,
    /// Another project.
    Open(PathBuf),
    /// Files of another program.
    Import(Vec<PathBuf>),
    /// A starting point, by the template's name.
    Template(&'static str),
    /// The file as it is on disk now.
    Reload,
}

impl App {
    /// Performs a command; each error is told where it happened, and once.
    #[allow(clippy::too_many_lines, reason = "a line for each command")]
    pub(super) fn run(&mut self, ctx: &Context, command: Command) {
        match command {
            Command::Do(action) => self.act(ctx, action),
            Command::Edit(edit) => self.edit(edit),
            Command::Select(elements) => self.select(elements),
            Command::Reveal(element) => self.reveal(element),
            Command::EndMerge => self.state.document.end_merge(),
            Command::Show(mode) => self.show(mode),
            Command::ShowTab(tab) => {
                self.state.bottom_tab = tab;
                self.state.visible.bottom = true;
            }
            Command::ChooseEnvironment(environment) => self.choose_environment(environment),
            Command::AllowHosts(hosts) => self.allow_hosts(hosts),
            Command::LookBack(moment) => self.look_back(moment),
            Command::ShowTime(span, until) => self.show_time(span, until),
            Command::HistoryOpened(file, result) => self.history_opened(file, result),
            Command::RecordingEnded => self.recording_ended(),
            Command::RecordRead(record, kept) => self.record_read(*record, kept),
            Command::MomentRead(moment, kept) => self.moment_read(*moment, kept),
            Command::Focus(services) => self.state.focus = Some(services),
            Command::OpenPath(path) => self.open_path(path),
            Command::ImportPaths(paths) => self.leave_for(ctx, Departure::Import(paths)),
            Command::NewFromTemplate(name) => self.leave_for(ctx, Departure::Template(name)),
            Command::SaveTo(path) => self.save_to(path),
            Command::Picked(purpose, path, after) => self.picked(purpose, path, after),
            Command::SaveAndGoOn => self.save_and_go_on(),
            Command::GoOnWithoutSaving => self.go_on(ctx),
            Command::Opened(path, result) => self.opened(path, result),
            Command::Imported(result) => self.imported(result),
            Command::Saved(path, project, result) => self.saved(ctx, path, project, result),
            Command::SaveAnyway => self.save_anyway(),
            Command::DiskChanged(path, disk_state) => self.disk_changed(path, disk_state),
            Command::TakeTheirs => {
                self.desk.departure = Some(Departure::Reload);
                self.go_on(ctx);
            }
            Command::KeepMine => self.keep_mine(),
            Command::TheirsRead(path, result) => self.theirs_read(path, result),
            Command::Recover(index) => self.recover(index),
            Command::DropRecovered(index) => self.drop_recovered(index),
            Command::PasteText(text) => self.paste(&text),
            Command::Judged(judgement) => self.judged(judgement),
            Command::LaidOut(project, positions) => self.laid_out(project, positions),
            Command::Planned(plan) => self.planned(plan),
            Command::Choose(choosing) => self.state.exports.choose(choosing),
            Command::Writing(done, total) => self.writing(done, total),
            Command::LookAtFile(path) => self.state.exports.shown = Some(path),
            Command::Written(result) => self.written(result),
            Command::Appear(appearance) => {
                theme::choose(ctx, appearance);
                // What was begun in the old colors is drawn again.
                ctx.request_discard("other colors");
                ctx.request_repaint();
                self.state.settings.appearance = appearance;
            }
            Command::Remember(settings) => self.state.settings = *settings,
            Command::Tell(text) => self.notify(text, false),
            Command::Complain(text) => self.notify(text, true),
            Command::CloseNotice(number) => self.state.notices.retain(|it| it.number != number),
            Command::Ask(dialog) => self.state.dialog = Some(dialog),
            Command::CloseDialog => self.close_dialog(),
        }
    }

    #[allow(clippy::too_many_lines, reason = "a line for each action")]
    fn act(&mut self, ctx: &Context, action: Action) {
        if !action.is_enabled_in(&self.state) {
            return;
        }
        match action {
            Action::New
            | Action::Open
            | Action::Import
            | Action::Reload
            | Action::Save
            | Action::SaveAs
            | Action::Quit => self.act_on_file(ctx, action),
            Action::Undo
            | Action::Redo
            | Action::Cut
            | Action::Copy
            | Action::Paste
            | Action::Duplicate
            | Action::Delete
            | Action::SelectAll
            | Action::Rename
            | Action::AddService
            | Action::AddDatabase
            | Action::AddGateway
            | Action::AddBoundary
            | Action::GroupIntoBoundary
            | Action::ConnectSelected
            | Action::AddEnvironment => self.act_on_design(ctx, action),
            Action::Layout
            | Action::LayoutSelection
            | Action::AlignLeft
            | Action::AlignTop
            | Action::DistributeHorizontally
            | Action::DistributeVertically
            | Action::ToggleLock => self.act_on_arrangement(action),
            Action::PlanExport => self.ask_for_export_folder(),
            Action::WriteFiles => self.write_files(),
            Action::StartPolling => self.start_polling(),
            Action::StopPolling => self.stop_polling(),
            Action::ToggleNotifications => self.toggle_notifications(),
            Action::ToggleRecording => self.toggle_recording(),
            Action::ShowDesign
            | Action::ShowReview
            | Action::ShowExport
            | Action::ShowLive
            | Action::Find
            | Action::ZoomIn
            | Action::ZoomOut
            | Action::ZoomToFit
            | Action::ZoomToSelection
            | Action::ActualSize
            | Action::ToggleExplorer
            | Action::ToggleInspector
            | Action::ToggleBottomPanel
            | Action::ShowProblems
            | Action::ShowTimeline
            | Action::FocusSelection
            | Action::Collapse
            | Action::LookLikeDesktop
            | Action::LookDark
            | Action::LookLight
            | Action::LookHighContrast
            | Action::Shortcuts
            | Action::About => self.act_on_view(action),
        }
    }

    /// Tells a person something.
    pub(super) fn notify(&mut self, text: String, is_error: bool) {
        self.desk.next_notice += 1;
        let notice = Notice {
            number: self.desk.next_notice,
            text,
            is_error,
        };
        self.state.notices.retain(|it| it.text != notice.text);
        self.state.notices.push(notice);
    }

    fn close_dialog(&mut self) {
        self.desk.departure = None;
        self.state.dialog = None;
    }

    /// Judges the design once for each change, in the background; the newest wins.
    pub(super) fn judge(&mut self) {
        let revision = self.state.document.revision();
        if self.desk.judging.is_some()
            || self.state.judgement.revision == Some(revision)
            || !self.state.has_design
        {
            return;
        }
        self.desk.judging = Some(revision);
        let project = Arc::clone(self.state.document.project());
        let today = jiff::Zoned::now().date().to_string();
        self.tasks.spawn_blocking(move || {
            let findings = rules::check_all(&project.model, &today);
            let mut judgement = Judgement::of(findings, revision);
            judgement.practices = rules::readiness(&project.model).into();
            Command::Judged(judgement)
        });
    }

    fn judged(&mut self, judgement: Judgement) {
        if self.desk.judging.take() == judgement.revision {
            self.state.judgement = Arc::new(judgement);
        }
    }

    /// Shows a dialog unless one is open that asks for an answer.
    pub(super) fn ask_in(&mut self, dialog: Dialog) {
        self.state.dialog = Some(dialog);
    }
}

impl Judgement {
    /// What was found about a revision, without its practices.
    pub fn of(findings: Vec<rules::Finding>, revision: u64) -> Self {
        let mut badges = std::collections::BTreeMap::new();
        let (dismissed, findings): (Vec<_>, Vec<_>) =
            findings.into_iter().partition(|it| it.dismissal.is_some());
        for finding in &findings {
            let Some(subject) = finding.subjects.first() else {
                continue;
            };
            let badge = badges.entry(subject.clone()).or_insert(Badge {
                count: 0,
                worst: Severity::Info,
            });
            badge.count += 1;
            badge.worst = badge.worst.max(finding.severity);
        }
        Self {
            findings,
            dismissed,
            badges,
            practices: Vec::new(),
            revision: Some(revision),
        }
    }

    /// How many findings weigh this much.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings
            .iter()
            .filter(|it| it.severity == severity)
            .count()
    }
}
