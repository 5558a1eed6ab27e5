//! The keys, made from the list of all actions, and what this program is.

use egui::{Align, Layout, RichText, Ui};

use crate::ui::{
    action::{Action, Menu},
    theme::{FontKind, ROW_SIZE, Theme},
    widgets::parts,
};

/// Keys of the canvas that are no actions.
const ON_THE_CANVAS: [(&str, &str); 9] = [
    ("New service", "Double-click"),
    ("New dependency", "Drag from a card's rim"),
    ("Select several", "Shift+Click, or drag a frame"),
    ("Pan", "Space+Drag, or middle button"),
    ("Zoom", "Wheel"),
    ("Move what is selected", "Arrow keys"),
    ("Walk along dependencies", "Alt+Arrow keys"),
    ("From one to the next", "Tab"),
    ("Let go", "Escape"),
];

pub(super) fn shortcuts(ui: &mut Ui) {
    for menu in Menu::ALL {
        let actions: Vec<_> = Action::ALL
            .into_iter()
            .filter(|it| it.info().menu == menu)
            .filter_map(|it| Some((it.info().label, it.info().shortcut?)))
            .collect();
        if actions.is_empty() {
            continue;
        }
        ui.add_space(6.0);
        parts::heading(ui, menu.label());
        for (label, shortcut) in actions {
            let keys = ui.ctx().format_shortcut(&shortcut);
            row(ui, label, &keys);
        }
    }
    ui.add_space(6.0);
    parts::heading(ui, "On the canvas");
    for (label, keys) in ON_THE_CANVAS {
        row(ui, label, keys);
    }
}

fn row(ui: &mut Ui, label: &str, keys: &str) {
    let muted = Theme::of(ui.ctx()).muted;
    ui.horizontal(|ui| {
        ui.label(RichText::new(label).size(ROW_SIZE));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.label(
                RichText::new(keys)
                    .font(FontKind::Secondary.id())
                    .color(muted),
            );
        });
    });
}

pub(super) fn about(ui: &mut Ui) {
    ui.label(format!("Meshboard {}", env!("CARGO_PKG_VERSION")));
    parts::hint(ui, env!("CARGO_PKG_DESCRIPTION"));
    ui.add_space(8.0);
    parts::hint(ui, "Licensed under MIT or Apache 2.0, as you like.");
    parts::hint(
        ui,
        "Fonts: Inter and JetBrains Mono, under the SIL Open Font License 1.1.",
    );
}
