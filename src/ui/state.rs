//! What views may read.
//!
//! Views draw from `&State` and ask through `Commands`; only `run.rs` changes it.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::Arc,
};

use jiff::Timestamp;

use super::{dialogs::Dialog, exports::Exports, past::Past, settings::Settings};
use crate::{
    edit::Document,
    model::{BoundaryId, ElementId, EnvironmentId, ServiceId, Severity},
    monitor::Snapshot,
    project::{DiskState, FILE_SUFFIX},
    rules::{Finding, Practice},
};

/// The sides of the window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Drawing.
    #[default]
    Design,
    /// Judging.
    Review,
    /// Files.
    Export,
    /// Watching.
    Live,
}

impl Mode {
    /// Every side, in the order of the bar.
    pub const ALL: [Self; 4] = [Self::Design, Self::Review, Self::Export, Self::Live];

    /// What it is called.
    pub fn label(self) -> &'static str {
        match self {
            Self::Design => "Design",
            Self::Review => "Review",
            Self::Export => "Export",
            Self::Live => "Live",
        }
    }
}

/// The tabs of the panel at the bottom.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum BottomTab {
    /// What is wrong.
    #[default]
    Problems,
    /// What changed when.
    Timeline,
}

/// The panels a person can hide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visible {
    /// The tree at the left.
    pub explorer: bool,
    /// What is selected, at the right.
    pub inspector: bool,
    /// The tabs at the bottom.
    pub bottom: bool,
}

/// A sentence for a person to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Tells notices apart.
    pub number: u64,
    /// What it says; further lines say where and what to do.
    pub text: String,
    /// Whether it reports an error. Errors, and whatever has several lines, stay until
    /// they are closed.
    pub is_error: bool,
}

/// The findings of one element, for its badge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Badge {
    /// How many.
    pub count: usize,
    /// The worst of them.
    pub worst: Severity,
}

/// What is judged about the current revision.
#[derive(Debug, Default)]
pub struct Judgement {
    /// The worst first, without what was dismissed.
    pub findings: Vec<Finding>,
    /// What was looked at and accepted.
    pub dismissed: Vec<Finding>,
    /// How far the design follows the seven practices.
    pub practices: Vec<Practice>,
    /// By the element they are about first.
    pub badges: BTreeMap<ElementId, Badge>,
    /// The revision of the document they are about; `None` before the first.
    pub revision: Option<u64>,
}

/// Everything two views show.
#[derive(Debug)]
pub struct State {
    /// The design, its past and its undone future.
    pub document: Document,
    /// Its file, once it has one.
    pub path: Option<PathBuf>,
    /// What the file was when it was read or written last.
    pub disk_state: Option<DiskState>,
    /// What is selected.
    pub selection: BTreeSet<ElementId>,
    /// The side of the window that is shown.
    pub mode: Mode,
    /// What is judged; it may lag behind the document by a moment.
    pub judgement: Arc<Judgement>,
    /// The environment that is looked at.
    pub environment: Option<EnvironmentId>,
    /// Whether it is polled.
    pub is_polling: bool,
    /// What was last seen of it.
    pub snapshot: Option<Arc<Snapshot>>,
    /// What is looked at of the time before now.
    pub past: Past,
    /// If set, only these services are shown.
    pub focus: Option<BTreeSet<ServiceId>>,
    /// Whether there is a design to show, and not only the start page.
    pub has_design: bool,
    /// What is being waited for, such as `Opening shop`.
    pub busy: Option<String>,
    /// The panels that are shown.
    pub visible: Visible,
    /// The tab at the bottom that is shown.
    pub bottom_tab: BottomTab,
    /// The dialog that is open.
    pub dialog: Option<Dialog>,
    /// What a person should read, oldest first.
    pub notices: Vec<Notice>,
    /// What an export would do.
    pub exports: Exports,
    /// What is remembered between runs.
    pub settings: Settings,
}

impl State {
    /// A window on this document.
    pub fn new(document: Document) -> Self {
        Self {
            document,
            path: None,
            disk_state: None,
            selection: BTreeSet::new(),
            mode: Mode::default(),
            judgement: Arc::default(),
            environment: None,
            is_polling: false,
            snapshot: None,
            past: Past::default(),
            focus: None,
            has_design: true,
            busy: None,
            visible: Visible {
                explorer: true,
                inspector: true,
                bottom: true,
            },
            bottom_tab: BottomTab::default(),
            dialog: None,
            notices: Vec::new(),
            exports: Exports::default(),
            settings: Settings::default(),
        }
    }

    /// The services among what is selected.
    pub fn selected_services(&self) -> impl Iterator<Item = &ServiceId> {
        self.selection.iter().filter_map(|it| match it {
            ElementId::Service(id) => Some(id),
            ElementId::Boundary(_) | ElementId::Dependency(_) | ElementId::Route(_) => None,
        })
    }

    /// The boundaries among what is selected.
    pub fn selected_boundaries(&self) -> impl Iterator<Item = &BoundaryId> {
        self.selection.iter().filter_map(|it| match it {
            ElementId::Boundary(id) => Some(id),
            ElementId::Service(_) | ElementId::Dependency(_) | ElementId::Route(_) => None,
        })
    }

    /// The one element that is selected, if it is one.
    pub fn selected_element(&self) -> Option<&ElementId> {
        self.selection.first().filter(|_| self.selection.len() == 1)
    }

    /// What the file is called, without what all project files end with; what has none
    /// goes by the name of its system.
    pub fn file_stem(&self) -> String {
        let name = self
            .path
            .as_ref()
            .and_then(|it| it.file_name())
            .map(|it| it.to_string_lossy().into_owned());
        match name {
            Some(name) => name
                .strip_suffix(FILE_SUFFIX)
                .map_or_else(|| name.clone(), ToOwned::to_owned),
            None if !self.document.project().model.name.is_empty() => {
                self.document.project().model.name.clone()
            }
            None => "Untitled".to_owned(),
        }
    }

    /// What was last seen, or was seen at the moment that is looked at, while the
    /// window shows the live side.
    pub fn live(&self) -> Option<&Arc<Snapshot>> {
        let past = &self.past;
        let seen = past.seen.as_ref().filter(|_| past.moment.is_some());
        let shown = seen.map(|it| &it.snapshot).or(self.snapshot.as_ref());
        shown.filter(|_| self.mode == Mode::Live)
    }

    /// The time that ages are told from: now, or the moment that is looked at.
    pub fn live_now(&self) -> Timestamp {
        let seen = self.past.seen.as_ref();
        let seen = seen.filter(|_| self.past.moment.is_some());
        seen.map_or_else(Timestamp::now, |it| it.at)
    }
}
