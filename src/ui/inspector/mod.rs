//! What is selected, with every field; or the system, if nothing is.

mod boundary;
mod container;
mod data;
mod dependency;
mod environment;
mod live;
mod numbers;
mod observed;
mod plots;
mod route;
mod service;
mod several;
mod sources;
mod system;

use egui::{Frame, Label, Margin, RichText, ScrollArea, Ui, UiBuilder};

use super::{
    command::Commands,
    state::{Mode, State},
    theme::{PANEL_PADDING, SECONDARY_SIZE, TITLE_SIZE, Theme, semibold},
    widgets::parts,
};
use crate::model::{ElementId, Service, ServiceId};

/// The tabs of a service.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Tab {
    /// What it is.
    #[default]
    Service,
    /// What it calls and who calls it.
    Calls,
    /// What it passes on, or is reached by.
    Routes,
    /// What it keeps, gets and mounts.
    Data,
    /// What was last seen of it.
    Live,
}

/// Keeps only which tab is open.
#[derive(Debug, Default)]
pub(super) struct Inspector {
    tab: Tab,
    /// Whether the tab of the live side is left for another.
    leaves_live: bool,
}

impl Inspector {
    pub(super) fn ui(&mut self, ui: &mut Ui, state: &State, commands: &mut Commands) {
        let padding = PANEL_PADDING as i8;
        let frame = Frame::new().inner_margin(Margin {
            left: padding,
            right: padding,
            top: 14,
            bottom: 0,
        });
        frame.show(ui, |ui| {
            ui.set_width(ui.available_width());
            match state.selected_element() {
                Some(ElementId::Service(id)) => self.service(ui, state, commands, id),
                Some(ElementId::Dependency(id)) => scrolled(ui, id.as_str(), |ui| {
                    dependency::element(ui, state, commands, id);
                }),
                Some(ElementId::Boundary(id)) => scrolled(ui, id.as_str(), |ui| {
                    boundary::element(ui, state, commands, id);
                }),
                Some(ElementId::Route(id)) => scrolled(ui, id.as_str(), |ui| {
                    route::element(ui, state, commands, id);
                }),
                None if state.selection.is_empty() => {
                    scrolled(ui, "system", |ui| system::ui(ui, state, commands));
                }
                None => scrolled(ui, "several", |ui| several::ui(ui, state, commands)),
            }
        });
    }

    fn service(&mut self, ui: &mut Ui, state: &State, commands: &mut Commands, id: &ServiceId) {
        let model = &state.document.project().model;
        let Some(service) = model.services.get(id) else {
            return;
        };
        service_title(ui, state, id, service);
        let mut tabs = vec![
            (Tab::Service, "Service".to_owned()),
            (Tab::Calls, "Calls".to_owned()),
            (Tab::Routes, "Routes".to_owned()),
            (Tab::Data, "Data".to_owned()),
        ];
        let has_past = state.mode == Mode::Live && state.past.recorded().is_some();
        let is_live = has_past || state.live().is_some();
        if is_live {
            tabs.insert(0, (Tab::Live, "Live".to_owned()));
        } else {
            self.leaves_live = false;
        }
        let tab = match self.tab {
            Tab::Live if !is_live => Tab::Service,
            _ if is_live && !self.leaves_live => Tab::Live,
            tab => tab,
        };
        ui.add_space(2.0);
        if let Some(chosen) = ui.horizontal(|ui| parts::tabs(ui, tab, &tabs)).inner {
            self.leaves_live = chosen != Tab::Live;
            self.tab = chosen;
        }
        bar_below_tabs(ui);
        scrolled(ui, id.as_str(), |ui| match tab {
            Tab::Service => service::fields(ui, state, commands, id, service),
            Tab::Calls => dependency::calls(ui, state, commands, id),
            Tab::Routes => route::routes(ui, state, commands, id),
            Tab::Data => data::fields(ui, state, commands, id, service),
            Tab::Live => live::service(ui, state, commands, id),
        });
    }
}

/// The line that tabs stand on, from edge to edge.
fn bar_below_tabs(ui: &mut Ui) {
    let at = ui.cursor().top() - ui.spacing().item_spacing.y;
    let line = egui::Stroke::new(1.0, Theme::of(ui.ctx()).line);
    let range = ui.max_rect().x_range().expand(PANEL_PADDING);
    ui.painter().hline(range, at, line);
    ui.add_space(4.0);
}

/// Contents that scroll; the bar lies beside them, in the panel's padding.
fn scrolled(ui: &mut Ui, salt: &str, contents: impl FnOnce(&mut Ui)) {
    let mut room = ui.available_rect_before_wrap();
    room.max.x += PANEL_PADDING;
    let aside = Margin {
        right: PANEL_PADDING as i8,
        ..Margin::ZERO
    };
    // A child that the panel does not count: it would grow by the padding in each frame.
    let mut child = ui.new_child(UiBuilder::new().max_rect(room));
    ScrollArea::vertical()
        .id_salt(("inspector", salt))
        .auto_shrink(false)
        .show(&mut child, |ui| {
            Frame::new().inner_margin(aside).show(ui, |ui| {
                ui.push_id(salt, |ui| {
                    contents(ui);
                    ui.add_space(PANEL_PADDING);
                });
            });
        });
}

/// Two lines beside a tile: what is selected and what kind of thing it is.
fn title(ui: &mut Ui, mark: &str, name: &str, remark: &str) {
    let muted = Theme::of(ui.ctx()).muted;
    ui.horizontal(|ui| {
        parts::tile(ui, mark);
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            let name = RichText::new(name).size(TITLE_SIZE).family(semibold());
            ui.add(Label::new(name).truncate());
            let remark = RichText::new(remark).size(SECONDARY_SIZE).color(muted);
            ui.add(Label::new(remark).truncate());
        });
    });
    ui.add_space(4.0);
}

fn service_title(ui: &mut Ui, state: &State, id: &ServiceId, service: &Service) {
    let model = &state.document.project().model;
    let mut remark = vec![service.kind.label().to_owned()];
    if let Some(boundary) = &service.boundary {
        remark.push(model.boundary_name(boundary).to_owned());
    }
    if let Some(team) = model.team_of(id) {
        remark.push(crate::ui::widgets::words::team(team));
    }
    let name = model.service_name(id);
    title(ui, &mark(service, name), name, &remark.join(" · "));
}

/// The two letters on a service's tile.
fn mark(service: &Service, name: &str) -> String {
    match service.known_technology() {
        Some(technology) => technology.mark.to_owned(),
        None => initials(name),
    }
}

/// The first two letters of a name, the first one large.
fn initials(name: &str) -> String {
    let mut letters = name.chars().filter(|it| it.is_alphanumeric());
    let first = letters.next().map(|it| it.to_uppercase().to_string());
    format!(
        "{}{}",
        first.unwrap_or_default(),
        letters.next().map(String::from).unwrap_or_default()
    )
}
