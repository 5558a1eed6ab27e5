//! What an empty canvas says: what would be here, and the first steps.

use egui::{Align, Layout, Rect, RichText, Ui, vec2};

use super::{Canvas, naming::Naming};
use crate::ui::{
    command::{Action, Commands},
    state::State,
    theme::{self, Theme, semibold},
};

impl Canvas {
    /// Shows it, if there is nothing to draw.
    pub(super) fn empty_ui(&mut self, ui: &mut Ui, state: &State, commands: &mut Commands) {
        let model = &state.document.project().model;
        let is_empty = model.services.is_empty() && model.boundaries.is_empty();
        if !is_empty || self.naming.is_some() {
            return;
        }
        let theme = Theme::of(ui.ctx());
        let size = vec2(460.0_f32.min(self.view.rect.width() - 24.0), 170.0);
        let place = Rect::from_center_size(self.view.rect.center(), size);
        let builder = egui::UiBuilder::new()
            .max_rect(place)
            .layout(Layout::top_down(Align::Center));
        let mut column = ui.new_child(builder);
        column.label(
            RichText::new("Your services and who calls whom")
                .size(theme::TITLE_SIZE)
                .family(semibold())
                .color(theme.text),
        );
        column.label(
            RichText::new(
                "Double-click anywhere to add a service, and drag from its rim to connect it.",
            )
            .color(theme.muted),
        );
        column.add_space(10.0);
        let width: f32 = 4.0 * 104.0 + 3.0 * 8.0;
        column.allocate_ui_with_layout(
            vec2(width.min(size.x), theme::CONTROL_HEIGHT),
            Layout::left_to_right(Align::Center),
            |ui| {
                let button = |ui: &mut Ui, text: &str| {
                    let button =
                        egui::Button::new(text).min_size(vec2(104.0, theme::CONTROL_HEIGHT));
                    ui.add(button).clicked()
                };
                if button(ui, "New service") {
                    let at = self.view.center;
                    self.name(Naming::new_service(&self.scene, at, None));
                }
                for (text, action) in [
                    ("Templates…", Action::New),
                    ("Import…", Action::Import),
                    ("Open…", Action::Open),
                ] {
                    if button(ui, text) {
                        commands.act(action);
                    }
                }
            },
        );
    }
}
