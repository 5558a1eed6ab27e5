//! Everything a person can ask for in two words.
//!
//! All actions stand in [`Action::ALL`], from which menu, palette, shortcuts and the
//! help window are made, so that they cannot disagree.

use egui::{Key, KeyboardShortcut, Modifiers};

use super::state::{Mode, State};

/// A place in the menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Menu {
    /// Files.
    File,
    /// Changes.
    Edit,
    /// What is seen.
    View,
    /// Where things are.
    Arrange,
    /// Watching.
    Live,
    /// Help.
    Help,
}

impl Menu {
    /// Every menu, in the order of the bar.
    pub const ALL: [Self; 6] = [
        Self::File,
        Self::Edit,
        Self::View,
        Self::Arrange,
        Self::Live,
        Self::Help,
    ];

    /// What it is called.
    pub fn label(self) -> &'static str {
        match self {
            Self::File => "File",
            Self::Edit => "Edit",
            Self::View => "View",
            Self::Arrange => "Arrange",
            Self::Live => "Live",
            Self::Help => "Help",
        }
    }
}

/// Something a person can ask for in two words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    New,
    Open,
    Import,
    Reload,
    Save,
    SaveAs,
    Quit,
    Undo,
    Redo,
    Cut,
    Copy,
    Paste,
    Duplicate,
    Delete,
    SelectAll,
    Rename,
    AddService,
    AddDatabase,
    AddGateway,
    AddBoundary,
    GroupIntoBoundary,
    ConnectSelected,
    ShowDesign,
    ShowReview,
    ShowExport,
    ShowLive,
    PlanExport,
    WriteFiles,
    Find,
    ZoomIn,
    ZoomOut,
    ZoomToFit,
    ZoomToSelection,
    ActualSize,
    ToggleExplorer,
    ToggleInspector,
    ToggleBottomPanel,
    ShowProblems,
    ShowTimeline,
    FocusSelection,
    Collapse,
    LookLikeDesktop,
    LookDark,
    LookLight,
    LookHighContrast,
    Layout,
    LayoutSelection,
    AlignLeft,
    AlignTop,
    DistributeHorizontally,
    DistributeVertically,
    ToggleLock,
    StartPolling,
    StopPolling,
    ToggleNotifications,
    ToggleRecording,
    AddEnvironment,
    Shortcuts,
    About,
}

/// What is known of an action.
#[derive(Debug, Clone, Copy)]
pub struct ActionInfo {
    /// What people call it; `…` if it asks further.
    pub label: &'static str,
    /// Where it stands in the menu.
    pub menu: Menu,
    /// The keys for it.
    pub shortcut: Option<KeyboardShortcut>,
    /// Whether a line separates it from the one above.
    pub starts_group: bool,
}

const fn info(label: &'static str, menu: Menu) -> ActionInfo {
    ActionInfo {
        label,
        menu,
        shortcut: None,
        starts_group: false,
    }
}

impl ActionInfo {
    const fn key(mut self, modifiers: Modifiers, key: Key) -> Self {
        self.shortcut = Some(KeyboardShortcut::new(modifiers, key));
        self
    }

    const fn group(mut self) -> Self {
        self.starts_group = true;
        self
    }
}

const CTRL: Modifiers = Modifiers::COMMAND;
const CTRL_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);
const PLAIN: Modifiers = Modifiers::NONE;

impl Action {
    /// Every action, in the order of the menus.
    pub const ALL: [Self; 59] = [
        Self::New,
        Self::Open,
        Self::Import,
        Self::Reload,
        Self::Save,
        Self::SaveAs,
        Self::Quit,
        Self::Undo,
        Self::Redo,
        Self::Cut,
        Self::Copy,
        Self::Paste,
        Self::Duplicate,
        Self::Delete,
        Self::SelectAll,
        Self::Rename,
        Self::AddService,
        Self::AddDatabase,
        Self::AddGateway,
        Self::AddBoundary,
        Self::GroupIntoBoundary,
        Self::ConnectSelected,
        Self::ShowDesign,
        Self::ShowReview,
        Self::ShowExport,
        Self::ShowLive,
        Self::PlanExport,
        Self::WriteFiles,
        Self::Find,
        Self::ZoomIn,
        Self::ZoomOut,
        Self::ZoomToFit,
        Self::ZoomToSelection,
        Self::ActualSize,
        Self::ToggleExplorer,
        Self::ToggleInspector,
        Self::ToggleBottomPanel,
        Self::ShowProblems,
        Self::ShowTimeline,
        Self::FocusSelection,
        Self::Collapse,
        Self::LookLikeDesktop,
        Self::LookDark,
        Self::LookLight,
        Self::LookHighContrast,
        Self::Layout,
        Self::LayoutSelection,
        Self::AlignLeft,
        Self::AlignTop,
        Self::DistributeHorizontally,
        Self::DistributeVertically,
        Self::ToggleLock,
        Self::StartPolling,
        Self::StopPolling,
        Self::ToggleNotifications,
        Self::ToggleRecording,
        Self::AddEnvironment,
        Self::Shortcuts,
        Self::About,
    ];

    /// What is known of it.
    #[allow(clippy::too_many_lines, reason = "a line or two for each action")]
    pub fn info(self) -> ActionInfo {
        match self {
            Self::New => info("New…", Menu::File).key(CTRL, Key::N),
            Self::Open => info("Open…", Menu::File).key(CTRL, Key::O),
            Self::Import => info("Import…", Menu::File).key(CTRL, Key::I),
            Self::Reload => info("Reload from disk", Menu::File),
            Self::Save => info("Save", Menu::File).key(CTRL, Key::S).group(),
            Self::SaveAs => info("Save as…", Menu::File).key(CTRL_SHIFT, Key::S),
            Self::Quit => info("Quit", Menu::File).key(CTRL, Key::Q).group(),
            Self::Undo => info("Undo", Menu::Edit).key(CTRL, Key::Z),
            Self::Redo => info("Redo", Menu::Edit).key(CTRL, Key::Y),
            Self::Cut => info("Cut", Menu::Edit).key(CTRL, Key::X).group(),
            Self::Copy => info("Copy", Menu::Edit).key(CTRL, Key::C),
            Self::Paste => info("Paste", Menu::Edit).key(CTRL, Key::V),
            Self::Duplicate => info("Duplicate", Menu::Edit).key(CTRL, Key::D),
            Self::Delete => info("Delete", Menu::Edit).key(PLAIN, Key::Delete),
            Self::SelectAll => info("Select all", Menu::Edit).key(CTRL, Key::A),
            Self::Rename => info("Rename", Menu::Edit).key(PLAIN, Key::F2),
            Self::AddService => info("Add service", Menu::Edit)
                .key(CTRL, Key::Enter)
                .group(),
            Self::AddDatabase => info("Add database", Menu::Edit),
            Self::AddGateway => info("Add gateway", Menu::Edit),
            Self::AddBoundary => info("Add boundary", Menu::Edit).key(CTRL, Key::B),
            Self::GroupIntoBoundary => info("Group into boundary", Menu::Edit).key(CTRL, Key::G),
            Self::ConnectSelected => info("Connect selected", Menu::Edit).key(CTRL, Key::L),
            Self::ShowDesign => info("Design", Menu::View).key(CTRL, Key::Num1),
            Self::ShowReview => info("Review", Menu::View).key(CTRL, Key::Num2),
            Self::ShowExport => info("Export", Menu::View).key(CTRL, Key::Num3),
            Self::ShowLive => info("Live", Menu::View).key(CTRL, Key::Num4),
            Self::PlanExport => info("Export to folder…", Menu::File).key(CTRL_SHIFT, Key::E),
            Self::WriteFiles => info("Write files", Menu::File),
            Self::Find => info("Find or do anything", Menu::View)
                .key(CTRL, Key::K)
                .group(),
            Self::ZoomIn => info("Zoom in", Menu::View).key(CTRL, Key::Plus).group(),
            Self::ZoomOut => info("Zoom out", Menu::View).key(CTRL, Key::Minus),
            Self::ZoomToFit => info("Zoom to fit", Menu::View).key(CTRL, Key::Num0),
            Self::ZoomToSelection => {
                info("Zoom to selection", Menu::View).key(CTRL_SHIFT, Key::Num0)
            }
            Self::ActualSize => info("Actual size", Menu::View).key(CTRL, Key::Num9),
            Self::ToggleExplorer => info("Explorer", Menu::View).key(PLAIN, Key::F6).group(),
            Self::ToggleInspector => info("Inspector", Menu::View).key(PLAIN, Key::F7),
            Self::ToggleBottomPanel => info("Bottom panel", Menu::View).key(PLAIN, Key::F8),
            Self::ShowProblems => info("Problems", Menu::View).key(CTRL_SHIFT, Key::M),
            Self::ShowTimeline => info("Timeline", Menu::View).key(CTRL_SHIFT, Key::T),
            Self::FocusSelection => info("Show only neighbors", Menu::View)
                .key(CTRL, Key::E)
                .group(),
            Self::Collapse => {
                info("Collapse or expand boundary", Menu::View).key(CTRL, Key::Period)
            }
            Self::LookLikeDesktop => info("Look like the desktop", Menu::View).group(),
            Self::LookDark => info("Look dark", Menu::View),
            Self::LookLight => info("Look light", Menu::View),
            Self::LookHighContrast => info("Look with high contrast", Menu::View),
            Self::Layout => info("Arrange everything", Menu::Arrange).key(CTRL_SHIFT, Key::L),
            Self::LayoutSelection => info("Arrange selection", Menu::Arrange),
            Self::AlignLeft => info("Align left edges", Menu::Arrange).group(),
            Self::AlignTop => info("Align top edges", Menu::Arrange),
            Self::DistributeHorizontally => info("Distribute horizontally", Menu::Arrange),
            Self::DistributeVertically => info("Distribute vertically", Menu::Arrange),
            Self::ToggleLock => info("Lock positions", Menu::Arrange).group(),
            Self::StartPolling => info("Start polling", Menu::Live).key(PLAIN, Key::F5),
            Self::StopPolling => info("Stop polling", Menu::Live).key(Modifiers::SHIFT, Key::F5),
            Self::ToggleNotifications => info("Notify of incidents", Menu::Live).group(),
            Self::ToggleRecording => info("Record history", Menu::Live),
            Self::AddEnvironment => info("Add environment", Menu::Live).group(),
            Self::Shortcuts => info("Keyboard shortcuts", Menu::Help).key(PLAIN, Key::F1),
            Self::About => info("About Meshboard", Menu::Help),
        }
    }

    /// What the menu says now: what would be undone is named.
    pub fn label_in(self, state: &State) -> String {
        let label = self.info().label;
        let what = match self {
            Self::Undo => state.document.undo_label(),
            Self::Redo => state.document.redo_label(),
            Self::FocusSelection if state.focus.is_some() => return "Show all".to_owned(),
            Self::ToggleLock if state.document.project().view.locked => {
                return "Unlock positions".to_owned();
            }
            Self::ToggleNotifications if state.settings.is_notifying => {
                return "Stop notifying of incidents".to_owned();
            }
            Self::ToggleRecording if state.settings.is_recording => {
                return "Stop recording history".to_owned();
            }
            _ => None,
        };
        what.map_or_else(|| label.to_owned(), |what| format!("{label} {what}"))
    }

    /// Whether its keys mean something else while a text is typed.
    pub(super) fn is_for_text_too(self) -> bool {
        matches!(
            self,
            Self::Undo
                | Self::Redo
                | Self::Cut
                | Self::Copy
                | Self::Paste
                | Self::Delete
                | Self::SelectAll
                | Self::AddBoundary
                | Self::FocusSelection
        )
    }

    /// Whether it can be done now.
    #[allow(clippy::too_many_lines, reason = "a line for each action")]
    pub fn is_enabled_in(self, state: &State) -> bool {
        let document = &state.document;
        let model = &document.project().model;
        let services = state.selected_services().count();
        match self {
            Self::Undo => document.undo_label().is_some(),
            Self::Redo => document.redo_label().is_some(),
            Self::Save => document.is_unsaved() || state.path.is_none(),
            Self::Cut | Self::Copy | Self::Duplicate | Self::GroupIntoBoundary => services > 0,
            Self::Delete | Self::ZoomToSelection => !state.selection.is_empty(),
            Self::Rename => state.selection.len() == 1,
            Self::ConnectSelected => services == 2,
            Self::FocusSelection => services > 0 || state.focus.is_some(),
            Self::Collapse => state.selected_boundaries().next().is_some(),
            Self::SelectAll | Self::ZoomToFit | Self::Layout => !model.services.is_empty(),
            Self::LayoutSelection | Self::AlignLeft | Self::AlignTop => services > 1,
            Self::DistributeHorizontally | Self::DistributeVertically => services > 2,
            Self::Reload => state.path.is_some(),
            Self::WriteFiles => {
                state.mode == Mode::Export
                    && state
                        .exports
                        .plan
                        .as_ref()
                        .is_some_and(|it| it.to_write(&state.exports).next().is_some())
            }
            Self::StartPolling => state.environment.is_some() && !state.is_polling,
            Self::StopPolling => state.is_polling,
            Self::New
            | Self::Open
            | Self::Import
            | Self::SaveAs
            | Self::Quit
            | Self::Paste
            | Self::AddService
            | Self::AddDatabase
            | Self::AddGateway
            | Self::AddBoundary
            | Self::ShowDesign
            | Self::ShowReview
            | Self::ShowExport
            | Self::ShowLive
            | Self::Find
            | Self::ZoomIn
            | Self::ZoomOut
            | Self::ActualSize
            | Self::ToggleExplorer
            | Self::ToggleInspector
            | Self::ToggleBottomPanel
            | Self::ToggleLock
            | Self::ShowProblems
            | Self::ShowTimeline
            | Self::LookLikeDesktop
            | Self::LookDark
            | Self::LookLight
            | Self::LookHighContrast
            | Self::PlanExport
            | Self::ToggleNotifications
            | Self::ToggleRecording
            | Self::AddEnvironment
            | Self::Shortcuts
            | Self::About => true,
        }
    }
}
