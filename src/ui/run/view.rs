//! What is seen: sides of the window, panels, zoom, selection.

use std::collections::BTreeSet;

use crate::{
    edit::Edit,
    model::{ElementId, ServiceId},
    ui::{
        App,
        action::Action,
        canvas::Request,
        command::Command,
        dialogs::Dialog,
        state::{BottomTab, Mode},
        theme::Appearance,
    },
};

impl App {
    pub(super) fn act_on_view(&mut self, action: Action) {
        let visible = &mut self.state.visible;
        match action {
            Action::ShowDesign => self.show(Mode::Design),
            Action::ShowReview => self.show(Mode::Review),
            Action::ShowExport => self.show(Mode::Export),
            Action::ShowLive => self.show(Mode::Live),
            Action::Find => self.state.dialog = Some(Dialog::Palette),
            Action::ZoomIn => self.canvas.ask(Request::ZoomIn),
            Action::ZoomOut => self.canvas.ask(Request::ZoomOut),
            Action::ZoomToFit => self.canvas.ask(Request::Fit),
            Action::ZoomToSelection => self.canvas.ask(Request::FitSelection),
            Action::ActualSize => self.canvas.ask(Request::ActualSize),
            Action::ToggleExplorer => visible.explorer ^= true,
            Action::ToggleInspector => visible.inspector ^= true,
            Action::ToggleBottomPanel => visible.bottom ^= true,
            Action::ShowProblems => self.commands.push(Command::ShowTab(BottomTab::Problems)),
            Action::ShowTimeline => self.commands.push(Command::ShowTab(BottomTab::Timeline)),
            Action::FocusSelection => self.focus_selection(),
            Action::Collapse => self.collapse(),
            Action::LookLikeDesktop => self.commands.push(Command::Appear(Appearance::System)),
            Action::LookDark => self.commands.push(Command::Appear(Appearance::Dark)),
            Action::LookLight => self.commands.push(Command::Appear(Appearance::Light)),
            Action::LookHighContrast => {
                self.commands
                    .push(Command::Appear(Appearance::HighContrast));
            }
            Action::Shortcuts => self.state.dialog = Some(Dialog::Shortcuts),
            Action::About => self.state.dialog = Some(Dialog::About),
            _ => {}
        }
    }

    pub(super) fn show(&mut self, mode: Mode) {
        if self.state.mode == mode {
            return;
        }
        self.state.mode = mode;
        match mode {
            Mode::Live => self.state.bottom_tab = BottomTab::Timeline,
            Mode::Design | Mode::Review => self.state.bottom_tab = BottomTab::Problems,
            Mode::Export => self.plan_export(),
        }
    }

    pub(super) fn select(&mut self, elements: BTreeSet<ElementId>) {
        let model = &self.state.document.project().model;
        let exist = elements.into_iter().filter(|it| model.contains(it));
        self.state.selection = exist.collect();
        self.state.document.end_merge();
    }

    pub(super) fn reveal(&mut self, element: ElementId) {
        self.select([element.clone()].into());
        if self.state.mode == Mode::Export {
            self.show(Mode::Design);
        }
        self.canvas.ask(Request::Reveal(element));
    }

    /// Shows the selected services and what they call or are called by; all again
    /// when asked a second time.
    fn focus_selection(&mut self) {
        if self.state.focus.take().is_some() {
            self.canvas.ask(Request::Fit);
            return;
        }
        let model = &self.state.document.project().model;
        let chosen: BTreeSet<ServiceId> = self.state.selected_services().cloned().collect();
        let mut shown = chosen.clone();
        for dependency in model.dependencies.values() {
            if chosen.contains(&dependency.from) {
                shown.insert(dependency.to.clone());
            }
            if chosen.contains(&dependency.to) {
                shown.insert(dependency.from.clone());
            }
        }
        self.state.focus = Some(shown);
        self.canvas.ask(Request::Fit);
    }

    fn collapse(&mut self) {
        let boundaries: BTreeSet<_> = self.state.selected_boundaries().cloned().collect();
        let collapsed = &self.state.document.project().view.collapsed;
        let is_open = !boundaries.iter().all(|it| collapsed.contains(it));
        self.edit(Edit::Collapse(boundaries, is_open));
    }
}
