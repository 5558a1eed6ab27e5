//! What views may read.
//!
//! Views draw from `&State` and ask through `Commands`; only `run.rs` changes it.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::Arc,
};

use crate::{
    edit::Document,
    model::{BoundaryId, ElementId, EnvironmentId, ServiceId, Severity},
    monitor::Snapshot,
    project::DiskState,
    rules::Finding,
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
    /// The worst first.
    pub findings: Vec<Finding>,
    /// By the element they are about first.
    pub badges: BTreeMap<ElementId, Badge>,
    /// The revision of the document they are about.
    pub revision: u64,
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
    /// If set, only these services are shown.
    pub focus: Option<BTreeSet<ServiceId>>,
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
            focus: None,
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

    /// What was last seen, while the window shows the live side.
    pub fn live(&self) -> Option<&Arc<Snapshot>> {
        self.snapshot.as_ref().filter(|_| self.mode == Mode::Live)
    }
}
