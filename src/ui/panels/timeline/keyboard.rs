//! Time by keyboard: the lane that has the keyboard leads through it.

use egui::{EventFilter, Id, Key, Modifiers, Ui};
use jiff::{SignedDuration, Timestamp};

use super::{Lanes, Row};
use crate::ui::command::{Command, Commands};

/// A press of an arrow is so small a part of what is shown, but no less than a second.
const STEPS: f64 = 100.0;

/// Where a key leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Toward {
    /// A step back or on.
    Step(i32),
    /// The change before or after.
    Change(i32),
    Start,
    Now,
}

const KEYS: [(Modifiers, Key, Toward); 6] = [
    (Modifiers::SHIFT, Key::ArrowLeft, Toward::Change(-1)),
    (Modifiers::SHIFT, Key::ArrowRight, Toward::Change(1)),
    (Modifiers::NONE, Key::ArrowLeft, Toward::Step(-1)),
    (Modifiers::NONE, Key::ArrowRight, Toward::Step(1)),
    (Modifiers::NONE, Key::Home, Toward::Start),
    (Modifiers::NONE, Key::End, Toward::Now),
];

impl Lanes {
    /// Arrows lead through time, with Shift from change to change of this lane; Home to
    /// the start of what is shown, End back to now.
    pub(super) fn follow_keyboard(&self, ui: &Ui, commands: &mut Commands, (row, id): (&Row, Id)) {
        // Arrows would otherwise move the focus.
        let filter = EventFilter {
            horizontal_arrows: true,
            ..EventFilter::default()
        };
        ui.memory_mut(|it| it.set_focus_lock_filter(id, filter));
        for (modifiers, key, toward) in KEYS {
            if ui.input_mut(|it| it.consume_key(modifiers, key)) {
                commands.push(Command::LookBack(self.moment_toward(row, toward)));
            }
        }
    }

    /// The moment that a key leads to; `None` is now.
    fn moment_toward(&self, row: &Row, toward: Toward) -> Option<Timestamp> {
        let at = self.moment.unwrap_or(self.shown.to);
        let is_shown = |it: &Timestamp| *it >= self.shown.from && *it < self.shown.to;
        let mut changes = row.bars.iter().map(|it| it.from).filter(is_shown);
        let moment = match toward {
            Toward::Step(steps) => {
                let step = (self.shown.seconds() / STEPS).max(1.0);
                let offset = SignedDuration::from_secs_f64(step * f64::from(steps));
                at.saturating_add(offset).unwrap_or(at)
            }
            Toward::Change(..0) => changes.rfind(|it| *it < at).unwrap_or(self.shown.from),
            Toward::Change(_) => changes.find(|it| *it > at)?,
            Toward::Start => self.shown.from,
            Toward::Now => return None,
        };
        (moment < self.shown.to).then_some(moment.max(self.shown.from))
    }
}
