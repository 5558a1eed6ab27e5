//! Fields with a label, for every kind of value, validated where it is typed.
//!
//! A form edits a copy of an element; `changed` names the field a person touched.
//! What cannot be parsed stays in its field with the reason below, and the element
//! stays as it was. An absent value shows `not set`, which is not zero.

use std::fmt::Display;

use egui::{
    Align, ComboBox, Id, Key, Label, Layout, Margin, Response, RichText, Stroke, StrokeKind,
    TextEdit, Ui, vec2,
};

use super::parts;
use crate::ui::{
    command::{Command, Commands},
    theme::{CONTROL_HEIGHT, CONTROL_RADIUS, ROW_SIZE, SECONDARY_SIZE, Theme},
};

/// Width of the labels at the left.
const LABEL_WIDTH: f32 = 118.0;

/// Edits one element, field by field.
pub(in crate::ui) struct Form<'a> {
    pub(in crate::ui) ui: &'a mut Ui,
    pub(in crate::ui) commands: &'a mut Commands,
    /// The field that was changed in this frame.
    pub(in crate::ui) changed: Option<&'static str>,
}

/// What a number means and may be.
#[derive(Debug, Clone, Copy)]
pub(in crate::ui) struct Measure {
    pub(in crate::ui) unit: &'static str,
    pub(in crate::ui) least: f64,
    pub(in crate::ui) most: f64,
}

impl Measure {
    /// Milliseconds, up to a day.
    pub(in crate::ui) const MILLIS: Self = Self::new("ms", 0.0, 86_400_000.0);
    /// A share.
    pub(in crate::ui) const PERCENT: Self = Self::new("%", 0.0, 100.0);
    /// How many of something.
    pub(in crate::ui) const COUNT: Self = Self::new("", 0.0, 1_000_000.0);
    /// A TCP port.
    pub(in crate::ui) const PORT: Self = Self::new("", 1.0, 65_535.0);

    /// A number in a unit, between two bounds.
    pub(in crate::ui) const fn new(unit: &'static str, least: f64, most: f64) -> Self {
        Self { unit, least, most }
    }
}

/// A number that a field can hold.
pub(in crate::ui) trait Number: Copy + PartialEq + Display {
    /// Whether it has no fraction.
    const IS_WHOLE: bool;
    /// The nearest value; the bounds of its measure were checked before.
    fn from_f64(number: f64) -> Self;
}

impl Number for u8 {
    const IS_WHOLE: bool = true;
    fn from_f64(number: f64) -> Self {
        number as Self
    }
}

impl Number for u16 {
    const IS_WHOLE: bool = true;
    fn from_f64(number: f64) -> Self {
        number as Self
    }
}

impl Number for u32 {
    const IS_WHOLE: bool = true;
    fn from_f64(number: f64) -> Self {
        number as Self
    }
}

impl Number for u64 {
    const IS_WHOLE: bool = true;
    fn from_f64(number: f64) -> Self {
        number as Self
    }
}

impl Number for f64 {
    const IS_WHOLE: bool = false;
    fn from_f64(number: f64) -> Self {
        number
    }
}

/// Reads what was typed; nothing typed is absent.
fn parse<T: Number>(text: &str, measure: Measure) -> Result<Option<T>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let number = text.replace(',', ".").parse::<f64>().ok();
    let good = number.filter(|it| {
        it.is_finite()
            && (measure.least..=measure.most).contains(it)
            && !(T::IS_WHOLE && it.fract() != 0.0)
    });
    good.map(|it| Some(T::from_f64(it))).ok_or_else(|| {
        let kind = if T::IS_WHOLE {
            "a whole number"
        } else {
            "a number"
        };
        format!(
            "{kind} from {} to {}, or nothing",
            measure.least, measure.most
        )
    })
}

impl<'a> Form<'a> {
    /// A form in this place.
    pub(in crate::ui) fn new(ui: &'a mut Ui, commands: &'a mut Commands) -> Self {
        Self {
            ui,
            commands,
            changed: None,
        }
    }

    /// A row with a label at the left and a control at the right.
    fn row(&mut self, label: &str, control: impl FnOnce(&mut Ui) -> Response) -> Response {
        let muted = Theme::of(self.ui.ctx()).muted;
        self.ui
            .horizontal(|ui| {
                let size = vec2(LABEL_WIDTH, CONTROL_HEIGHT);
                let layout = Layout::left_to_right(Align::Center);
                let label_id = ui
                    .allocate_ui_with_layout(size, layout, |ui| {
                        ui.set_min_width(LABEL_WIDTH);
                        let text = RichText::new(label).size(ROW_SIZE).color(muted);
                        ui.add(Label::new(text).truncate()).id
                    })
                    .inner;
                control(ui).labelled_by(label_id)
            })
            .inner
    }

    /// The next change is a step of its own once a field is left.
    fn leave(&mut self, response: &Response) {
        if response.lost_focus() {
            self.commands.push(Command::EndMerge);
        }
    }

    fn problem(&mut self, response: &Response, problem: &str) {
        let down = Theme::of(self.ui.ctx()).down;
        let stroke = Stroke::new(1.0, down);
        let painter = self.ui.painter();
        painter.rect_stroke(response.rect, CONTROL_RADIUS, stroke, StrokeKind::Inside);
        let text = RichText::new(problem).size(SECONDARY_SIZE).color(down);
        self.ui.add(Label::new(text).wrap());
    }

    /// A line of free text.
    pub(in crate::ui) fn text(&mut self, label: &'static str, value: &mut String, hint: &str) {
        let response = self.row(label, |ui| ui.add(line(value, hint)));
        if response.changed() {
            self.changed = Some(label);
        }
        self.leave(&response);
    }

    /// A few lines of free text.
    pub(in crate::ui) fn long_text(&mut self, label: &'static str, value: &mut String, hint: &str) {
        let hint = RichText::new(hint).color(Theme::of(self.ui.ctx()).faint);
        let response = self.row(label, |ui| {
            let width = ui.available_width();
            let edit = TextEdit::multiline(value).desired_rows(2).hint_text(hint);
            ui.add(edit.desired_width(width).margin(Margin::symmetric(8, 5)))
        });
        if response.changed() {
            self.changed = Some(label);
        }
        self.leave(&response);
    }

    /// A number with its unit, or nothing.
    pub(in crate::ui) fn number<T: Number>(
        &mut self,
        label: &'static str,
        value: &mut Option<T>,
        measure: Measure,
    ) {
        let stored = value.map_or_else(String::new, |it| it.to_string());
        let unit = RichText::new(measure.unit)
            .size(SECONDARY_SIZE)
            .color(Theme::of(self.ui.ctx()).muted);
        let check = |text: &str| parse::<T>(text, measure);
        let typed = self.typed(label, &stored, "not set", unit, &check);
        if let Some(new) = typed
            && new != *value
        {
            *value = new;
            self.changed = Some(label);
        }
    }

    /// A number that always is there.
    pub(in crate::ui) fn needed_number<T: Number>(
        &mut self,
        label: &'static str,
        value: &mut T,
        measure: Measure,
    ) {
        let stored = value.to_string();
        let unit = RichText::new(measure.unit).size(SECONDARY_SIZE);
        let check = |text: &str| {
            parse::<T>(text, measure)?.ok_or_else(|| "a number is needed here".to_owned())
        };
        let typed = self.typed(label, &stored, "", unit, &check);
        if let Some(new) = typed
            && new != *value
        {
            *value = new;
            self.changed = Some(label);
        }
    }

    /// A text that must pass a check; what does not stays in the field with the reason.
    /// Gives what passed, when something was typed.
    pub(in crate::ui) fn typed<T>(
        &mut self,
        label: &str,
        stored: &str,
        hint: &str,
        suffix: RichText,
        check: &dyn Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let id = self.ui.id().with(("field", label));
        let draft = self.draft(id);
        let is_draft = draft.is_some();
        let mut text = draft.unwrap_or_else(|| stored.to_owned());
        let response = self.row(label, |ui| {
            ui.add(line(&mut text, hint).id(id).suffix(suffix))
        });
        let checked = check(&text);
        let gives_up = response.lost_focus() && self.ui.input(|it| it.key_pressed(Key::Escape));
        if gives_up || (is_draft && !response.has_focus() && checked.is_ok()) {
            self.keep_draft(id, None);
        } else if response.changed() {
            self.keep_draft(id, Some(text));
        }
        self.leave(&response);
        match checked {
            Ok(value) => response.changed().then_some(value),
            Err(problem) => {
                if !gives_up {
                    self.problem(&response, &problem);
                }
                None
            }
        }
    }

    /// A text that counts only once it is entered: an id, a key.
    pub(in crate::ui) fn entered(
        &mut self,
        label: &str,
        stored: &str,
        hint: &str,
        check: &dyn Fn(&str) -> Result<(), String>,
    ) -> Option<String> {
        let id = self.ui.id().with(("field", label));
        let mut text = self.draft(id).unwrap_or_else(|| stored.to_owned());
        let response = self.row(label, |ui| ui.add(line(&mut text, hint).id(id)));
        if response.changed() {
            self.keep_draft(id, Some(text.clone()));
        }
        let problem = if text == stored {
            None
        } else {
            check(&text).err()
        };
        if let Some(problem) = &problem {
            self.problem(&response, problem);
        }
        if !response.lost_focus() {
            return None;
        }
        let gives_up = self.ui.input(|it| it.key_pressed(Key::Escape));
        if gives_up || problem.is_none() {
            self.keep_draft(id, None);
        }
        (!gives_up && problem.is_none() && text != stored).then_some(text)
    }

    fn draft(&self, id: Id) -> Option<String> {
        self.ui
            .data(|it| it.get_temp::<Option<String>>(id))
            .flatten()
    }

    fn keep_draft(&self, id: Id, draft: Option<String>) {
        self.ui.data_mut(|it| it.insert_temp(id, draft));
    }

    /// One of a few.
    pub(in crate::ui) fn choice<T: Clone + PartialEq>(
        &mut self,
        label: &'static str,
        value: &mut T,
        choices: &[(T, String)],
    ) {
        let current = choices.iter().find(|(it, _)| it == value);
        let current = current.map_or_else(|| "?".to_owned(), |(_, it)| it.clone());
        let mut chosen = None;
        self.row(label, |ui| {
            ComboBox::from_id_salt(label)
                .width(ui.available_width())
                .selected_text(current)
                .truncate()
                .show_ui(ui, |ui| {
                    for (choice, text) in choices {
                        if ui
                            .selectable_label(choice == value, text.as_str())
                            .clicked()
                        {
                            chosen = Some(choice.clone());
                        }
                    }
                })
                .response
        });
        if let Some(chosen) = chosen
            && chosen != *value
        {
            *value = chosen;
            self.changed = Some(label);
        }
    }

    /// Yes, no or unknown.
    pub(in crate::ui) fn maybe(&mut self, label: &'static str, value: &mut Option<bool>) {
        let choices = [(None, "not set"), (Some(true), "yes"), (Some(false), "no")];
        let choices = choices.map(|(it, text)| (it, text.to_owned()));
        self.choice(label, value, &choices);
    }

    /// On or off.
    pub(in crate::ui) fn switch(&mut self, label: &'static str, value: &mut bool) {
        let response = self.row(label, |ui| parts::toggle(ui, value));
        if response.changed() {
            self.changed = Some(label);
        }
    }
}

/// A line of text as every field has it.
pub(in crate::ui) fn line<'t>(value: &'t mut String, hint: &str) -> TextEdit<'t> {
    TextEdit::singleline(value)
        .hint_text(hint.to_owned())
        .desired_width(f32::INFINITY)
        .margin(Margin::symmetric(8, 4))
        .min_size(vec2(0.0, CONTROL_HEIGHT))
        .vertical_align(Align::Center)
}

#[cfg(test)]
mod tests {
    use super::{Measure, parse};

    #[test]
    fn nothing_is_absent_and_zero_is_zero() {
        assert_eq!(parse::<u64>("", Measure::MILLIS), Ok(None));
        assert_eq!(parse::<u64>(" 0 ", Measure::MILLIS), Ok(Some(0)));
        assert_eq!(parse::<f64>("99,9", Measure::PERCENT), Ok(Some(99.9)));
    }

    #[test]
    fn what_is_no_number_says_what_would_be_one() {
        let expected = "a whole number from 1 to 65535, or nothing";
        for text in ["abc", "0", "65536", "80.5", "-1", "NaN", "inf"] {
            assert_eq!(
                parse::<u16>(text, Measure::PORT),
                Err(expected.to_owned()),
                "{text}"
            );
        }
    }
}
