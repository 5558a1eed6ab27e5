//! The palette: every action, element and finding, found by a few letters.

use egui::{
    Align, Align2, Area, FontId, Frame, Id, Key, Margin, Modifiers, Order, Rect, ScrollArea, Sense,
    Ui, WidgetInfo, WidgetType, pos2, vec2,
};

use crate::{
    model::ElementId,
    ui::{
        action::Action,
        command::{Command, Commands},
        state::State,
        theme::{
            BODY_SIZE, CONTROL_RADIUS, FRAME_RADIUS, FontKind, SECONDARY_SIZE, Theme, semibold,
        },
        widgets::{fields::line, lists::name},
    },
};

/// More than this many are never scrolled through; further letters are typed instead.
const MOST: usize = 100;
const ROW: f32 = 28.0;

/// Keeps what is typed and which entry is marked.
#[derive(Debug, Default)]
pub(super) struct Palette {
    text: String,
    marked: usize,
    is_open: bool,
}

/// Something that can be found.
pub(in crate::ui) struct Entry {
    /// What is compared with the letters, and shown.
    pub(in crate::ui) text: String,
    /// What kind of thing it is, or its keys.
    pub(in crate::ui) remark: String,
    is_enabled: bool,
    command: Command,
    score: i32,
}

impl Palette {
    pub(super) fn ui(&mut self, ui: &Ui, state: &State, commands: &mut Commands) {
        let ctx = ui.ctx().clone();
        let theme = Theme::of(&ctx);
        let window = ctx.content_rect();
        let width = 560.0_f32.min(window.width() - 80.0);
        let frame = Frame::popup(ui.style())
            .fill(theme.panel)
            .corner_radius(FRAME_RADIUS)
            .inner_margin(Margin::same(10));
        let response = Area::new(Id::new("palette"))
            .order(Order::Foreground)
            .anchor(Align2::CENTER_TOP, vec2(0.0, 56.0))
            .show(&ctx, |ui| {
                frame.show(ui, |ui| {
                    ui.set_width(width);
                    self.contents(ui, state, commands);
                });
            })
            .response;
        let is_beside = ctx.input(|it| {
            let at = it.pointer.interact_pos();
            it.pointer.any_pressed() && at.is_some_and(|it| !response.rect.contains(it))
        });
        if is_beside && self.is_open {
            commands.push(Command::CloseDialog);
        }
        self.is_open = true;
    }

    fn contents(&mut self, ui: &mut Ui, state: &State, commands: &mut Commands) {
        let id = ui.id().with("search");
        let (down, up, enter) = ui.input_mut(|it| {
            (
                it.consume_key(Modifiers::NONE, Key::ArrowDown),
                it.consume_key(Modifiers::NONE, Key::ArrowUp),
                it.consume_key(Modifiers::NONE, Key::Enter),
            )
        });
        let response = ui.add(line(&mut self.text, "Find or do anything").id(id));
        name(ui, &response, "Search");
        response.request_focus();
        if response.changed() {
            self.marked = 0;
        }
        let mut found = entries(state, &self.text);
        self.marked = self.marked.min(found.len().saturating_sub(1));
        if down {
            self.marked = (self.marked + 1).min(found.len().saturating_sub(1));
        }
        if up {
            self.marked = self.marked.saturating_sub(1);
        }
        let mut chosen = enter.then_some(self.marked);
        ui.add_space(6.0);
        let has_moved = down || up;
        ui.spacing_mut().item_spacing.y = 0.0;
        ScrollArea::vertical()
            .max_height(ROW * 12.0)
            .min_scrolled_height(ROW * 12.0)
            .auto_shrink([false, true])
            .show(ui, |ui| {
                for (index, entry) in found.iter().enumerate() {
                    if row(ui, entry, index == self.marked, has_moved) {
                        chosen = Some(index);
                    }
                }
                if found.is_empty() {
                    crate::ui::widgets::parts::hint(ui, "Nothing is called so.");
                }
            });
        if let Some(index) = chosen.filter(|it| found.get(*it).is_some_and(|it| it.is_enabled)) {
            commands.push(Command::CloseDialog);
            commands.push(found.swap_remove(index).command);
        }
    }
}

fn row(ui: &mut Ui, entry: &Entry, is_marked: bool, has_moved: bool) -> bool {
    let theme = Theme::of(ui.ctx());
    let size = vec2(ui.available_width(), ROW);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    if is_marked {
        ui.painter()
            .rect_filled(rect, CONTROL_RADIUS, theme.accent_surface);
        if has_moved {
            ui.scroll_to_rect(rect, Some(Align::Center));
        }
    } else if response.hovered() {
        ui.painter()
            .rect_filled(rect, CONTROL_RADIUS, ui.visuals().faint_bg_color);
    }
    let color = if entry.is_enabled {
        theme.text
    } else {
        theme.faint
    };
    let remark = ui.painter().text(
        pos2(rect.right() - 10.0, rect.center().y),
        Align2::RIGHT_CENTER,
        &entry.remark,
        FontId::new(SECONDARY_SIZE, egui::FontFamily::Proportional),
        theme.muted,
    );
    let room = Rect::from_min_max(rect.min, pos2(remark.left() - 8.0, rect.bottom()));
    let family = if is_marked {
        semibold()
    } else {
        egui::FontFamily::Proportional
    };
    let font = if is_marked {
        FontId::new(BODY_SIZE, family)
    } else {
        FontKind::Row.id()
    };
    let at = pos2(rect.left() + 10.0, rect.center().y);
    ui.painter_at(room)
        .text(at, Align2::LEFT_CENTER, &entry.text, font, color);
    response.widget_info(|| {
        WidgetInfo::selected(
            WidgetType::SelectableLabel,
            entry.is_enabled,
            is_marked,
            &entry.text,
        )
    });
    response.clicked()
}

/// What the letters find, the best first.
pub(in crate::ui) fn entries(state: &State, letters: &str) -> Vec<Entry> {
    let mut found: Vec<Entry> = actions(state);
    // Nobody looks for an element without a letter of its name.
    let has_letters = !letters.trim().is_empty();
    if has_letters {
        found.extend(elements(state));
        found.extend(findings_and_files(state));
    }
    found.retain_mut(|it| match score(&it.text, letters) {
        Some(score) => {
            it.score += score;
            true
        }
        None => false,
    });
    found.sort_by_key(|it| std::cmp::Reverse(it.score));
    if has_letters {
        found.truncate(MOST);
    }
    found
}

/// Something that can be done at any time; `score` is what it is preferred by.
fn entry(text: String, remark: &str, command: Command, score: i32) -> Entry {
    Entry {
        text,
        remark: remark.to_owned(),
        is_enabled: true,
        command,
        score,
    }
}

fn actions(state: &State) -> Vec<Entry> {
    let of = |action: Action| {
        let info = action.info();
        let names = &egui::ModifierNames::NAMES;
        let keys = info.shortcut.map(|it| it.format(names, false));
        let remark = keys.unwrap_or_else(|| info.menu.label().to_owned());
        let is_enabled = action.is_enabled_in(state);
        let preferred = if is_enabled { 2 } else { -4 };
        Entry {
            is_enabled,
            ..entry(
                action.label_in(state),
                &remark,
                Command::Do(action),
                preferred,
            )
        }
    };
    Action::ALL.into_iter().map(of).collect()
}

fn elements(state: &State) -> impl Iterator<Item = Entry> {
    let model = &state.document.project().model;
    let services = model.services.keys().cloned().map(ElementId::Service);
    let boundaries = model.boundaries.keys().cloned().map(ElementId::Boundary);
    let dependencies = model
        .dependencies
        .keys()
        .cloned()
        .map(ElementId::Dependency);
    let routes = model.routes.keys().cloned().map(ElementId::Route);
    services
        .chain(boundaries)
        .chain(dependencies)
        .chain(routes)
        .map(|element| {
            let (text, kind) = (model.element_name(&element), element.kind());
            entry(text, kind, Command::Reveal(element), 1)
        })
}

fn findings_and_files(state: &State) -> impl Iterator<Item = Entry> {
    let findings = state.judgement.findings.iter().filter_map(|it| {
        let text = format!("{} {}", it.rule.code, it.message);
        let subject = it.subjects.first()?.clone();
        Some(entry(text, "problem", Command::Reveal(subject), -1))
    });
    let files = state.settings.recent.iter().map(|path| {
        let text = path.display().to_string();
        entry(text, "recent file", Command::OpenPath(path.clone()), -2)
    });
    findings.chain(files)
}

/// How well letters fit a text; `None` if not all of them are in it in this order.
fn score(text: &str, letters: &str) -> Option<i32> {
    let mut score = 0;
    let mut last: Option<usize> = None;
    let text: Vec<char> = text.to_lowercase().chars().collect();
    for letter in letters
        .to_lowercase()
        .chars()
        .filter(|it| !it.is_whitespace())
    {
        let from = last.map_or(0, |it| it + 1);
        let place = text.iter().skip(from).position(|it| *it == letter)? + from;
        let begins_word = place == 0 || !text[place - 1].is_alphanumeric();
        score += match (last, begins_word) {
            (Some(last), _) if last + 1 == place => 6,
            (_, true) => 5,
            _ => 0,
        };
        if place == 0 {
            score += 4;
        }
        last = Some(place);
    }
    // Of two that fit as well, the shorter one was meant.
    Some(score * 4 - i32::try_from(text.len().min(80) / 8).unwrap_or(10))
}

#[cfg(test)]
mod tests {
    use super::score;

    #[test]
    fn letters_in_order_are_found_and_the_nearest_comes_first() {
        assert!(score("Zoom to fit", "ztf").is_some());
        assert!(score("Zoom to fit", "fz").is_none());
        assert!(score("orders", "ord") > score("word-order", "ord"));
        assert!(score("Save", "save") > score("Save as…", "save"));
        assert_eq!(score("", "a"), None);
    }
}
