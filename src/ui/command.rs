//! What a window can be asked to do: actions, and requests that carry data.
//!
//! Views push commands while they draw; the next frame runs them, and nothing else
//! changes anything. A job ends in a command too, its failure included.

use std::{collections::BTreeSet, path::PathBuf, sync::Arc, time::Duration};

use jiff::Timestamp;

pub use super::action::{Action, ActionInfo, Menu};
use super::{
    dialogs::Dialog,
    exports::{Choosing, ExportPlan, Written},
    past::{Kept, Moment, Record, Span},
    settings::Settings,
    state::{BottomTab, Judgement, Mode},
    theme::Appearance,
};
use crate::{
    edit::Edit,
    history::History,
    model::{ElementId, EnvironmentId, ServiceId},
    project::{DiskState, OpenError, Opened, Position, Project, SaveError},
};

/// Something a person asked for, or a job that ended.
#[derive(Debug)]
pub enum Command {
    /// One of [`Action::ALL`].
    Do(Action),
    /// A change to the design.
    Edit(Edit),
    /// Exactly these elements are selected.
    Select(BTreeSet<ElementId>),
    /// Selects an element and brings it into view.
    Reveal(ElementId),
    /// Typing in a field ended: the next change is a step of its own.
    EndMerge,
    /// Shows another side of the window.
    Show(Mode),
    /// Shows a tab of the panel at the bottom.
    ShowTab(BottomTab),
    /// Looks at another environment.
    ChooseEnvironment(Option<EnvironmentId>),
    /// Hosts may be polled from now on.
    AllowHosts(Vec<String>),
    /// Shows everything as it was at a moment, or as it is now.
    LookBack(Option<Timestamp>),
    /// The timeline shows so much time until then, or until now.
    ShowTime(Span, Option<Timestamp>),
    /// The history beside this project file was opened to record.
    HistoryOpened(PathBuf, Result<History, String>),
    /// What was seen last is written.
    RecordingEnded,
    /// What the timeline shows was read.
    RecordRead(Box<Record>, Kept),
    /// How everything was at a moment was read.
    MomentRead(Box<Moment>, Kept),
    /// Shows only these services.
    Focus(BTreeSet<ServiceId>),
    /// Opens a project, or imports another file, by its path.
    OpenPath(PathBuf),
    /// Reads files of other programs.
    ImportPaths(Vec<PathBuf>),
    /// A starting point, by the template's name.
    NewFromTemplate(&'static str),
    /// Writes the project to a file.
    SaveTo(PathBuf),
    /// A file dialog ended after this time.
    Picked(Purpose, Option<PathBuf>, Duration),
    /// Unsaved work is saved before going on.
    SaveAndGoOn,
    /// Unsaved work is given up.
    GoOnWithoutSaving,
    /// A file was read.
    Opened(PathBuf, Result<Box<Opened>, OpenError>),
    /// Files of another program were read.
    Imported(Result<(Box<Project>, Vec<String>), String>),
    /// The project was written.
    Saved(PathBuf, Arc<Project>, Result<DiskState, SaveError>),
    /// Saves over whatever is on disk now.
    SaveAnyway,
    /// Somebody else changed the file.
    DiskChanged(PathBuf, DiskState),
    /// Reads the file as somebody else left it, and gives up what was changed here.
    TakeTheirs,
    /// Forgets that somebody else changed the file: the next save writes over it.
    KeepMine,
    /// The file as somebody else left it was read.
    TheirsRead(PathBuf, Result<Box<Opened>, OpenError>),
    /// Continues with recovered work, by its place in the offer.
    Recover(usize),
    /// Gives recovered work up, by its place in the offer.
    DropRecovered(usize),
    /// Text from the clipboard.
    PasteText(String),
    /// A design was judged.
    Judged(Judgement),
    /// A layout was computed for this project.
    LaidOut(Arc<Project>, Vec<(ServiceId, Position)>),
    /// What an export to a folder would do was worked out.
    Planned(Result<Box<ExportPlan>, String>),
    /// Something was chosen about an export.
    Choose(Choosing),
    /// So many files of so many are written.
    Writing(usize, usize),
    /// The file whose difference is shown.
    LookAtFile(String),
    /// Files were written.
    Written(Result<Written, String>),
    /// How the window looks.
    Appear(Appearance),
    /// What is remembered between runs changed.
    Remember(Box<Settings>),
    /// A sentence to show for a while.
    Tell(String),
    /// An error to show until it is closed.
    Complain(String),
    /// A notice was read.
    CloseNotice(u64),
    /// Opens a dialog.
    Ask(Dialog),
    /// Closes the dialog that is open.
    CloseDialog,
}

/// What a path is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A project to open.
    Open,
    /// A file of another program.
    Import,
    /// Where to save.
    Save,
    /// The folder that files are written to.
    ExportFolder,
}

impl Purpose {
    /// What the question is called.
    pub fn title(self) -> &'static str {
        match self {
            Self::Open => "Open a project",
            Self::Import => "Import a file",
            Self::Save => "Save as",
            Self::ExportFolder => "Export to a folder",
        }
    }
}

/// What views ask for during a frame; the next one does it.
#[derive(Debug, Default)]
pub struct Commands(Vec<Command>);

impl Commands {
    /// Asks for something.
    pub fn push(&mut self, command: Command) {
        self.0.push(command);
    }

    /// Asks for an action.
    pub fn act(&mut self, action: Action) {
        self.0.push(Command::Do(action));
    }

    /// Asks for a change to the design.
    pub fn edit(&mut self, edit: Edit) {
        self.0.push(Command::Edit(edit));
    }

    /// Asks to select one element and nothing else.
    pub fn select(&mut self, element: ElementId) {
        self.0.push(Command::Select([element].into()));
    }

    /// Whether nothing was asked for.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes what was asked for.
    pub fn take(&mut self) -> Vec<Command> {
        std::mem::take(&mut self.0)
    }
}
