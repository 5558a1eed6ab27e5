//! The app: what it owns, and what happens in one frame.

use std::{any::Any, path::PathBuf, sync::Arc};

use egui::{Context, Event, Key, Modifiers, Ui, ViewportCommand};
use tokio::runtime::Handle;

use super::{
    Start,
    action::Action,
    autosave::Autosave,
    canvas::Canvas,
    command::{Command, Commands},
    dialogs::{Dialog, Dialogs},
    panels::Panels,
    run::{Departure, Reader},
    settings::Settings,
    state::{Mode, State},
    tasks::Tasks,
    theme,
    watching::Watching,
};
use crate::{edit::Document, project::Project};

/// The window's contents.
pub struct App {
    pub(super) state: State,
    pub(super) commands: Commands,
    pub(super) tasks: Tasks,
    pub(super) canvas: Canvas,
    pub(super) panels: Panels,
    pub(super) dialogs: Dialogs,
    pub(super) desk: Desk,
}

/// What only the running of commands needs.
pub(super) struct Desk {
    pub(super) autosave: Autosave,
    pub(super) watching: Watching,
    /// Reads what the timeline shows.
    pub(super) record_reader: Reader,
    /// Reads the moment that is looked at.
    pub(super) moment_reader: Reader,
    /// Whether more was written than was read.
    pub(super) is_record_outdated: bool,
    /// Looks whether somebody else changes the file; dropping it stops it.
    pub(super) disk_watch: Option<super::tasks::Job>,
    /// What waits for an answer about unsaved work.
    pub(super) departure: Option<Departure>,
    /// The revision that is being judged.
    pub(super) judging: Option<u64>,
    pub(super) may_close: bool,
    pub(super) next_notice: u64,
    /// Whether the desktop is told of incidents, for who tells it.
    pub(super) wants_notices: super::notifying::Wanted,
    pub(super) _keep_alive: Option<Box<dyn Any + Send>>,
}

impl std::fmt::Debug for App {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("App")
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl App {
    /// A window that begins as asked for.
    pub fn new(cc: &eframe::CreationContext<'_>, start: Start, runtime: Handle) -> Self {
        let ctx = &cc.egui_ctx;
        theme::install_fonts(ctx);
        // Ctrl+Plus is about the canvas.
        ctx.options_mut(|it| it.zoom_with_keyboard = false);
        let kept = cc.storage.and_then(|it| it.get_string("settings"));
        let settings = kept.map(|it| Settings::from_json(&it)).unwrap_or_default();
        theme::choose(ctx, settings.appearance);

        let tasks = Tasks::new(runtime, ctx.clone());
        let autosave = Autosave::new(start.state_folder.clone(), &tasks);
        let mut state = State::new(Document::new(Project::default()));
        state.has_design = false;
        let wants_notices = Arc::new(settings.is_notifying.into());
        state.settings = settings;
        let mut app = Self {
            state,
            commands: Commands::default(),
            tasks,
            canvas: Canvas::default(),
            panels: Panels::default(),
            dialogs: Dialogs::default(),
            desk: Desk {
                autosave,
                watching: Watching::default(),
                record_reader: Reader::default(),
                moment_reader: Reader::default(),
                is_record_outdated: false,
                disk_watch: None,
                departure: None,
                judging: None,
                may_close: false,
                next_notice: 0,
                wants_notices,
                _keep_alive: start.keep_alive,
            },
        };
        app.begin(start.file, start.project, start.environment);
        app
    }

    fn begin(
        &mut self,
        file: Option<PathBuf>,
        project: Option<Project>,
        environment: Option<crate::model::EnvironmentId>,
    ) {
        let recovered = self.desk.autosave.left_behind();
        if !recovered.is_empty() {
            self.state.dialog = Some(Dialog::Recovered(recovered));
        }
        if let Some(project) = project {
            self.adopt(project, None, None);
            self.state.environment = environment.or(self.state.environment.take());
            if self.state.environment.is_some() {
                self.commands.push(Command::Show(Mode::Live));
                self.commands.act(Action::StartPolling);
            }
        }
        if let Some(file) = file {
            self.commands.push(Command::OpenPath(file));
        }
    }

    /// What the window shows; for tests and for who embeds it.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Asks for something, as a view would.
    pub fn ask(&mut self, command: Command) {
        self.commands.push(command);
    }

    /// Waits until no job is running and no command is left.
    pub fn finish_jobs(&mut self, ctx: &Context) {
        loop {
            self.drain(ctx);
            if self.commands.is_empty() && !self.tasks.wait() {
                return;
            }
        }
    }

    fn drain(&mut self, ctx: &Context) {
        let asked = self.commands.take();
        for command in asked.into_iter().chain(self.tasks.finished()) {
            self.run(ctx, command);
        }
        self.after_commands();
    }

    /// What follows from whatever changed: judging, keeping aside, the newest snapshot.
    fn after_commands(&mut self) {
        self.judge();
        self.desk.autosave.keep(&self.state);
        self.follow_environment();
        let project = self.state.document.project();
        let plan = self.state.exports.plan.as_ref();
        if plan.is_some_and(|it| !Arc::ptr_eq(&it.project, project)) {
            self.plan_export();
        }
        if let Some(snapshot) = self.desk.watching.latest() {
            self.state.snapshot = Some(snapshot);
        }
        self.follow_recording();
        self.follow_past();
    }

    fn take_input(&mut self, ctx: &Context) {
        let dropped = ctx.input_mut(|it| std::mem::take(&mut it.raw.dropped_files));
        let paths: Vec<PathBuf> = dropped.iter().map(|it| it.path().to_owned()).collect();
        match paths.as_slice() {
            [] => {}
            [path] => self.commands.push(Command::OpenPath(path.clone())),
            _ => self.commands.push(Command::ImportPaths(paths)),
        }
        if ctx.input(|it| it.viewport().close_requested()) && !self.desk.may_close {
            if self.state.has_design && self.state.document.is_unsaved() {
                ctx.send_viewport_cmd(ViewportCommand::CancelClose);
                self.commands.act(Action::Quit);
            } else {
                self.desk.autosave.forget(self.state.path.as_deref());
            }
        }
        if self.state.dialog.is_none() {
            self.take_shortcuts(ctx);
            let is_looking_back = self.state.past.moment.is_some() && self.state.mode == Mode::Live;
            if is_looking_back
                && !ctx.text_edit_focused()
                && !egui::Popup::is_any_open(ctx)
                && ctx.input_mut(|it| it.consume_key(Modifiers::NONE, Key::Escape))
            {
                self.commands.push(Command::LookBack(None));
            }
        } else if !egui::Popup::is_any_open(ctx)
            && ctx.input_mut(|it| it.consume_key(Modifiers::NONE, Key::Escape))
        {
            self.commands.push(Command::CloseDialog);
        }
    }

    /// The longer shortcuts first, because Ctrl+Shift+S also looks like Ctrl+S.
    fn take_shortcuts(&mut self, ctx: &Context) {
        let is_typing = ctx.text_edit_focused();
        let mut actions: Vec<_> = Action::ALL
            .into_iter()
            .filter_map(|it| Some((it, it.info().shortcut?)))
            .filter(|(action, _)| !is_typing || !action.is_for_text_too())
            .collect();
        actions.sort_by_key(|(_, it)| {
            std::cmp::Reverse(u8::from(it.modifiers.shift) + u8::from(it.modifiers.alt))
        });
        for (action, shortcut) in actions {
            if ctx.input_mut(|it| it.consume_shortcut(&shortcut))
                && action.is_enabled_in(&self.state)
            {
                self.commands.act(action);
            }
        }
        if !is_typing {
            self.take_clipboard_events(ctx);
        }
    }

    /// The desktop turns its keys for the clipboard into events of their own.
    fn take_clipboard_events(&mut self, ctx: &Context) {
        let commands = &mut self.commands;
        let state = &self.state;
        ctx.input_mut(|input| {
            input.events.retain(|event| {
                let action = match event {
                    Event::Copy => Action::Copy,
                    Event::Cut => Action::Cut,
                    Event::Paste(text) => {
                        commands.push(Command::PasteText(text.clone()));
                        return false;
                    }
                    _ => return true,
                };
                if action.is_enabled_in(state) {
                    commands.act(action);
                }
                false
            });
        });
    }
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        self.take_input(ctx);
        self.drain(ctx);
        let dirty = if self.state.document.is_unsaved() {
            "*"
        } else {
            ""
        };
        let title = format!("{}{dirty} — Meshboard", self.state.file_stem());
        self.panels.name_window(ctx, title);
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        let Self {
            state,
            commands,
            canvas,
            panels,
            dialogs,
            ..
        } = self;
        panels.ui(ui, state, canvas, commands);
        dialogs.ui(ui, state, commands);
        if !commands.is_empty() {
            ui.request_repaint();
        }
        if state.is_polling && state.mode == Mode::Live {
            // Ages are told in seconds.
            ui.request_repaint_after(std::time::Duration::from_secs(1));
        }
    }

    fn save(&mut self, storage: &mut dyn eframe::Storage) {
        storage.set_string("settings", self.state.settings.worth_keeping().to_json());
    }
}
