//! Lists inside a form: texts, pairs, and rows that can be removed.

use std::{collections::BTreeMap, fmt::Display};

use egui::{Align, Layout, RichText};

use super::{
    fields::{Form, line},
    glyph::Glyph,
    parts,
};
use crate::ui::{
    command::Command,
    theme::{SECONDARY_SIZE, Theme},
};

/// Names a list and its parts.
#[derive(Debug, Clone, Copy)]
pub(in crate::ui) struct ListWords {
    /// The field, such as `Entities`.
    pub(in crate::ui) field: &'static str,
    /// One of them, such as `Entity`.
    pub(in crate::ui) one: &'static str,
    /// What an empty row suggests.
    pub(in crate::ui) hint: &'static str,
}

impl Form<'_> {
    /// Texts, one a row, with an empty row at the end that takes the next one.
    pub(in crate::ui) fn texts(&mut self, words: ListWords, values: &mut Vec<String>) {
        self.caption(words.field);
        let mut removed = None;
        for index in 0..=values.len() {
            let is_new = index == values.len();
            let mut text = values.get(index).cloned().unwrap_or_default();
            let label = if is_new {
                format!("New {}", words.one.to_lowercase())
            } else {
                format!("{} {}", words.one, index + 1)
            };
            let (response, is_taken_out) =
                self.text_row(index, &label, &mut text, (words.hint, !is_new));
            if response.changed() {
                self.changed = Some(words.field);
                match values.get_mut(index) {
                    Some(value) => *value = text,
                    None => values.push(text),
                }
            } else if is_taken_out || (response.lost_focus() && text.is_empty() && !is_new) {
                removed = Some(index);
            }
            if response.lost_focus() {
                self.commands.push(Command::EndMerge);
            }
        }
        if let Some(index) = removed {
            values.remove(index);
            self.changed = Some(words.field);
        }
    }

    fn text_row(
        &mut self,
        index: usize,
        label: &str,
        text: &mut String,
        (hint, can_be_removed): (&str, bool),
    ) -> (egui::Response, bool) {
        // By place, so that a new text keeps the keyboard once it is one of the list.
        let list = label.split_whitespace().next_back().unwrap_or_default();
        let list = if can_be_removed {
            label.rsplit_once(' ').map_or(label, |it| it.0)
        } else {
            list
        };
        let id = self.ui.id().with(("row", list.to_lowercase(), index));
        let ui = &mut *self.ui;
        parts::from_right(ui, |ui| {
            let removes = can_be_removed
                && Glyph::Cross
                    .button(ui, &format!("Remove {label}"))
                    .clicked();
            let response = ui.add(line(text, hint).id(id));
            name(ui, &response, label);
            (response, removes)
        })
    }

    /// The name of a list above it.
    pub(in crate::ui) fn caption(&mut self, text: &str) {
        self.ui.add_space(4.0);
        let color = Theme::of(self.ui.ctx()).muted;
        self.ui
            .label(RichText::new(text).size(SECONDARY_SIZE).color(color));
    }

    /// Names and values, such as environment variables. Names count once entered.
    pub(in crate::ui) fn pairs<Key: Ord + Clone + Display>(
        &mut self,
        words: ListWords,
        pairs: &mut BTreeMap<Key, String>,
        read: &dyn Fn(&str) -> Result<Key, String>,
    ) {
        self.caption(words.field);
        let mut next: Option<BTreeMap<Key, String>> = None;
        for (key, value) in pairs.iter() {
            let mut text = value.clone();
            let label = key.to_string();
            let (response, removes) = self.pair_row(&label, &mut text, words.hint);
            if response.changed() || removes {
                let mut changed = pairs.clone();
                if removes {
                    changed.remove(key);
                } else {
                    changed.insert(key.clone(), text);
                }
                next = Some(changed);
            }
            if response.lost_focus() {
                self.commands.push(Command::EndMerge);
            }
        }
        let label = format!("New {}", words.one.to_lowercase());
        let check = |text: &str| match read(text) {
            Ok(key) if pairs.contains_key(&key) => Err(format!("{key} is there already")),
            Ok(_) => Ok(()),
            Err(problem) => Err(problem),
        };
        let entered = self.entered(&label, "", "name, then Enter", &check);
        if let Some(Ok(key)) = entered.map(|it| read(&it)) {
            let mut changed = next.unwrap_or_else(|| pairs.clone());
            changed.insert(key, String::new());
            next = Some(changed);
        }
        if let Some(next) = next {
            *pairs = next;
            self.changed = Some(words.field);
        }
    }

    fn pair_row(&mut self, label: &str, text: &mut String, hint: &str) -> (egui::Response, bool) {
        let id = self.ui.id().with(("pair", label));
        self.ui
            .horizontal(|ui| {
                let width = 126.0;
                let key = RichText::new(label).monospace().size(SECONDARY_SIZE);
                let key = ui
                    .allocate_ui_with_layout(
                        egui::vec2(width, 24.0),
                        Layout::left_to_right(Align::Center),
                        |ui| {
                            ui.set_min_width(width);
                            ui.add(egui::Label::new(key).truncate()).id
                        },
                    )
                    .inner;
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    let removes = Glyph::Cross
                        .button(ui, &format!("Remove {label}"))
                        .clicked();
                    let response = ui.add(line(text, hint).id(id)).labelled_by(key);
                    (response, removes)
                })
                .inner
            })
            .inner
    }

    /// Parts of an element with several fields each, and a button for the next one.
    pub(in crate::ui) fn parts<Part: Default>(
        &mut self,
        words: ListWords,
        parts: &mut Vec<Part>,
        fields: impl Fn(&mut Form<'_>, &mut Part),
    ) {
        let mut removed = None;
        for (index, part) in parts.iter_mut().enumerate() {
            let title = format!("{} {}", words.one, index + 1);
            self.nested(words.field, (words.field, index), |form| {
                let ui = &mut *form.ui;
                ui.horizontal(|ui| {
                    let color = Theme::of(ui.ctx()).muted;
                    ui.label(RichText::new(&title).size(SECONDARY_SIZE).color(color));
                    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                        if Glyph::Cross
                            .button(ui, &format!("Remove {title}"))
                            .clicked()
                        {
                            removed = Some(index);
                        }
                    });
                });
                fields(form, part);
            });
        }
        if let Some(index) = removed {
            parts.remove(index);
            self.changed = Some(words.field);
        }
        let label = format!("Add {}", words.one.to_lowercase());
        if parts::small_button(self.ui, &label).clicked() {
            parts.push(Part::default());
            self.changed = Some(words.field);
        }
    }

    /// Fields that together are one field of the element.
    pub(in crate::ui) fn nested(
        &mut self,
        field: &'static str,
        salt: impl std::hash::Hash + std::fmt::Debug,
        fields: impl FnOnce(&mut Form<'_>),
    ) {
        let commands = &mut *self.commands;
        let has_changed = self
            .ui
            .push_id(egui::Id::new(salt), |ui| {
                let mut form = Form::new(ui, commands);
                fields(&mut form);
                form.changed.is_some()
            })
            .inner;
        if has_changed {
            self.changed = Some(field);
        }
    }
}

/// Names a field that has no label of its own on screen.
pub(in crate::ui) fn name(ui: &egui::Ui, response: &egui::Response, label: &str) {
    ui.ctx()
        .accesskit_node_builder(response.id, |it| it.set_label(label));
}
