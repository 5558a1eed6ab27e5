//! The bar at the top: file, history, sides of the window, search, environment.

use egui::{
    Align, Button, ComboBox, CornerRadius, FontId, Label, Layout, Rect, Response, RichText, Sense,
    Stroke, StrokeKind, Ui, UiBuilder, Vec2, WidgetInfo, WidgetType, pos2, vec2,
};

use super::menu;
use crate::{
    monitor::DEFAULT_INTERVAL,
    project::FILE_SUFFIX,
    ui::{
        action::Action,
        command::{Command, Commands},
        icon,
        state::{Mode, State},
        theme::{
            BODY_SIZE, CARD_NAME_SIZE, CARD_RADIUS, CONTROL_RADIUS, SMALLEST_SIZE, Theme, medium,
            semibold,
        },
        widgets::{glyph::Glyph, lists, parts, words},
    },
};

/// Width of the switch between the sides of the window.
const SWITCH_WIDTH: f32 = 300.0;
/// Width of the menu bar with its six menus.
const MENU_BAR_WIDTH: f32 = 240.0;
/// The search field is never wider.
const SEARCH_WIDTH: f32 = 290.0;
/// Where the search field would be narrower, a sign stands for it.
const LEAST_SEARCH_WIDTH: f32 = 90.0;

pub(super) fn ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let bar = ui.max_rect();
    let switch = Rect::from_center_size(
        // Not quite in the middle: what is at the right needs more than what is at the left.
        pos2(bar.center().x - 0.05 * bar.width(), bar.center().y),
        vec2(SWITCH_WIDTH, 28.0),
    );
    let left = Rect::from_min_max(
        bar.min + vec2(16.0, 0.0),
        pos2(switch.left() - 12.0, bar.bottom()),
    );
    let right = Rect::from_min_max(
        pos2(switch.right() + 16.0, bar.top()),
        bar.max - vec2(12.0, 0.0),
    );
    file(&mut parts::row_in(ui, left), state, commands);
    sides(ui, switch, state, commands);
    let layout = Layout::right_to_left(Align::Center);
    let mut right = ui.new_child(UiBuilder::new().max_rect(right).layout(layout));
    polling(&mut right, state, commands);
    environment(&mut right, state, commands);
    search(&mut right, commands);
}

fn file(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let theme = Theme::of(ui.ctx());
    ui.spacing_mut().item_spacing.x = 6.0;
    let (mark, _) = ui.allocate_exact_size(Vec2::splat(26.0), Sense::hover());
    icon::paint(ui.painter(), mark, theme.accent, theme.panel);
    let is_wide = ui.available_width() > MENU_BAR_WIDTH + 240.0;
    if is_wide {
        // A menu bar takes all the room it is offered.
        let size = vec2(MENU_BAR_WIDTH, 28.0);
        ui.allocate_ui(size, |ui| menu::bar(ui, state, commands));
    } else {
        menu::compact(ui, state, commands);
    }
    if state.has_design {
        let room = (ui.available_width() - 64.0).max(20.0);
        name(ui, state, room);
        for (action, glyph) in [(Action::Undo, Glyph::Undo), (Action::Redo, Glyph::Redo)] {
            ui.add_enabled_ui(action.is_enabled_in(state), |ui| {
                if glyph.button(ui, &action.label_in(state)).clicked() {
                    commands.act(action);
                }
            });
        }
    }
}

fn name(ui: &mut Ui, state: &State, room: f32) {
    let theme = Theme::of(ui.ctx());
    let mut text = egui::text::LayoutJob::default();
    let format =
        |family, color| egui::TextFormat::simple(FontId::new(CARD_NAME_SIZE, family), color);
    text.append(&state.file_stem(), 0.0, format(semibold(), theme.text));
    if state.path.is_some() {
        text.append(
            FILE_SUFFIX,
            2.0,
            format(egui::FontFamily::Proportional, theme.faint),
        );
    }
    if state.document.is_unsaved() {
        text.append(" •", 0.0, format(semibold(), theme.accent));
    }
    let width = ui.fonts_mut(|it| it.layout_job(text.clone())).size().x;
    let layout = Layout::left_to_right(Align::Center);
    ui.allocate_ui_with_layout(vec2(width.min(room), 28.0), layout, |ui| {
        let response = ui.add(Label::new(text).truncate());
        if let Some(path) = &state.path {
            response.on_hover_text(path.display().to_string());
        }
    });
}

/// The switch between the sides of the window.
fn sides(ui: &mut Ui, rect: Rect, state: &State, commands: &mut Commands) {
    let theme = Theme::of(ui.ctx());
    let line = Stroke::new(1.0, theme.line);
    ui.painter()
        .rect(rect, CARD_RADIUS, theme.field, line, StrokeKind::Inside);
    let inner = rect.shrink2(vec2(4.0, 3.0));
    let width = inner.width() / Mode::ALL.len() as f32;
    for (index, mode) in Mode::ALL.into_iter().enumerate() {
        let at = inner.min + vec2(width * index as f32, 0.0);
        let cell = Rect::from_min_size(at, vec2(width, inner.height()));
        let response = ui.interact(cell, ui.id().with(("side", mode)), Sense::click());
        let is_shown = state.mode == mode && state.has_design;
        let (family, color) = match (is_shown, response.hovered()) {
            (true, _) => (semibold(), theme.accent),
            (false, true) => (medium(), theme.text),
            (false, false) => (medium(), theme.muted),
        };
        if is_shown {
            ui.painter()
                .rect_filled(cell, CONTROL_RADIUS, theme.accent_surface);
        }
        ui.painter().text(
            cell.center(),
            egui::Align2::CENTER_CENTER,
            mode.label(),
            FontId::new(BODY_SIZE, family),
            color,
        );
        parts::focus_ring(ui, &response);
        response.widget_info(|| {
            WidgetInfo::selected(WidgetType::SelectableLabel, true, is_shown, mode.label())
        });
        if response.clicked() && state.has_design {
            commands.push(Command::Show(mode));
        }
    }
}

fn framed(ui: &Ui, rect: Rect, response: &Response) {
    let theme = Theme::of(ui.ctx());
    let color = if response.hovered() || response.has_focus() {
        theme.accent
    } else {
        theme.line
    };
    let line = Stroke::new(1.0, color);
    let radius = CornerRadius::same(CARD_RADIUS);
    ui.painter()
        .rect(rect, radius, theme.field, line, StrokeKind::Inside);
}

/// Looks like a field and opens the palette.
fn search(ui: &mut Ui, commands: &mut Commands) {
    let theme = Theme::of(ui.ctx());
    let info = Action::Find.info();
    let room = ui.available_width();
    if room < LEAST_SEARCH_WIDTH {
        if Glyph::Search.button(ui, info.label).clicked() {
            commands.act(Action::Find);
        }
        return;
    }
    let size = vec2(room.min(SEARCH_WIDTH), 28.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    framed(ui, rect, &response);
    let keys = info
        .shortcut
        .map(|it| ui.ctx().format_shortcut(&it))
        .unwrap_or_default();
    let font = FontId::new(SMALLEST_SIZE + 0.5, medium());
    let keys = ui.painter().layout_no_wrap(keys, font, theme.faint);
    let font = FontId::new(BODY_SIZE, egui::FontFamily::Proportional);
    let text = ui
        .painter()
        .layout_no_wrap(info.label.to_owned(), font, theme.faint);
    let middle = |height: f32| rect.center().y - height / 2.0;
    let keys_at = pos2(rect.right() - 12.0 - keys.size().x, middle(keys.size().y));
    let text_at = pos2(rect.left() + 14.0, middle(text.size().y));
    if text_at.x + text.size().x + 12.0 < keys_at.x {
        ui.painter().galley(text_at, text, theme.faint);
    } else {
        Glyph::Search.paint(
            ui.painter(),
            pos2(rect.left() + 16.0, rect.center().y),
            theme.faint,
        );
    }
    ui.painter().galley(keys_at, keys, theme.faint);
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, info.label));
    if response.on_hover_text(info.label).clicked() {
        commands.act(Action::Find);
    }
}

fn environment(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let environments = &state.document.project().environments;
    if !state.has_design || environments.is_empty() {
        return;
    }
    let name = |id: &crate::model::EnvironmentId| {
        let named = environments.get(id).filter(|it| !it.name.is_empty());
        named.map_or_else(|| id.to_string(), |it| it.name.clone())
    };
    let current = state
        .environment
        .as_ref()
        .map_or_else(|| "none".to_owned(), name);
    let response = ComboBox::from_id_salt("environment")
        .width(100.0)
        .truncate()
        .selected_text(RichText::new(current).family(medium()))
        .show_ui(ui, |ui| {
            for id in environments.keys() {
                let is_chosen = state.environment.as_ref() == Some(id);
                if ui.selectable_label(is_chosen, name(id)).clicked() {
                    commands.push(Command::ChooseEnvironment(Some(id.clone())));
                }
            }
        })
        .response;
    lists::name(ui, &response, "Environment");
}

/// Whether anything is polled, and the switch for it.
fn polling(ui: &mut Ui, state: &State, commands: &mut Commands) {
    if !state.has_design {
        return;
    }
    let theme = Theme::of(ui.ctx());
    let action = if state.is_polling {
        Action::StopPolling
    } else {
        Action::StartPolling
    };
    let is_narrow = ui.max_rect().width() < 330.0;
    let name = if state.is_polling {
        format!("Polling · {}", words::duration_ms(interval_ms(state)))
    } else {
        "Not polling".to_owned()
    };
    let text = match (is_narrow, state.is_polling) {
        (true, true) => "On",
        (true, false) => "Off",
        (false, _) => name.as_str(),
    };
    let color = if state.is_polling {
        theme.up
    } else {
        theme.muted
    };
    let text = RichText::new(text).color(theme.muted);
    let button = Button::new((
        egui::Atom::custom(ui.id().with("dot"), vec2(10.0, 10.0)),
        text,
    ));
    let response = ui
        .add_enabled_ui(action.is_enabled_in(state), |ui| {
            button.frame_when_inactive(false).atom_ui(ui)
        })
        .inner;
    if let Some(rect) = response.rect(ui.id().with("dot")) {
        if state.is_polling {
            ui.painter().circle_filled(rect.center(), 4.5, color);
        } else {
            ui.painter()
                .circle_stroke(rect.center(), 4.0, Stroke::new(1.6, color));
        }
    }
    lists::name(ui, &response.response, &name);
    if response
        .response
        .on_hover_text(action.info().label)
        .clicked()
    {
        commands.act(action);
    }
}

/// Milliseconds between two polls of the environment that is looked at.
fn interval_ms(state: &State) -> u64 {
    let environments = &state.document.project().environments;
    let environment = state
        .environment
        .as_ref()
        .and_then(|it| environments.get(it));
    environment
        .and_then(|it| it.interval_ms)
        .unwrap_or(DEFAULT_INTERVAL.as_millis() as u64)
}
