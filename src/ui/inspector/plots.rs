//! A service or a call through time: plots under each other, over the same time as
//! the timeline. A click takes the whole window to that moment.

mod sheet;

use egui::{Color32, Ui};
use egui_plot::LineStyle;

use self::sheet::{Chart, Curve, Sheet};
use crate::{
    history::{Point, Subject},
    model::{DependencyId, ServiceId},
    ui::{
        command::Commands,
        panels::bars,
        state::{Mode, State},
        widgets::{
            parts,
            words::{per_second, trimmed},
        },
    },
};

const NO_ANSWER: &str = "No answer came in this time, so that there is nothing to draw.";

/// How a number is written.
type Unit = fn(f64) -> String;

/// The plots of a service, if a history is there to draw them from.
pub(super) fn service(ui: &mut Ui, state: &State, commands: &mut Commands, id: &ServiceId) -> bool {
    let Some(record) = state.past.recorded() else {
        return false;
    };
    ui.add_space(8.0);
    let span = state.past.span;
    if record.wanted.subject != Some(Subject::Service(id.clone())) {
        parts::heading_with(ui, "Latency", span.label());
        parts::hint(ui, "Reading…");
        return true;
    }
    if record.points.is_empty() {
        parts::heading_with(ui, "Latency", span.label());
        parts::hint(ui, format!("Nothing was recorded {}.", span.in_words()));
        return true;
    }
    let sheet = Sheet::new(ui, state, record);
    let theme = sheet.theme;
    let curves = [
        curve("p50", theme.accent, LineStyle::Solid, |it| it.p50_ms),
        curve("p95", theme.muted, LineStyle::dashed_dense(), |it| {
            it.p95_ms
        }),
        curve("p99", theme.event, LineStyle::Solid, |it| it.p99_ms),
    ];
    let mut chart = Chart {
        name: "Latency",
        curves: &curves,
        unit: millis,
        top: None,
        is_filled: false,
        has_times: false,
        nothing: NO_ANSWER,
    };
    sheet.chart(ui, commands, &chart, span.label());
    ui.add_space(6.0);
    let curves = [curve("working", theme.up, LineStyle::Solid, |it| {
        it.availability.map(|it| it * 100.0)
    })];
    chart = Chart {
        name: "Availability",
        curves: &curves,
        unit: percent,
        top: Some(100.0),
        is_filled: true,
        has_times: true,
        nothing: NO_ANSWER,
    };
    sheet.chart(ui, commands, &chart, "polls that found it working");
    true
}

/// The plots of a dependency, if it is what the history was read for.
pub(super) fn dependency(ui: &mut Ui, state: &State, commands: &mut Commands, id: &DependencyId) {
    let subject = Some(Subject::Dependency(id.clone()));
    let record = state.past.recorded();
    let Some(record) = record.filter(|it| it.wanted.subject == subject) else {
        return;
    };
    if state.mode != Mode::Live {
        return;
    }
    let span = state.past.span;
    let sheet = Sheet::new(ui, state, record);
    let lanes = record.lanes.iter();
    let breakers: Vec<_> = lanes
        .filter(|it| it.dependency.as_ref() == Some(id))
        .filter(|it| matches!(it.subject, Subject::Breaker { .. }))
        .collect();
    if record.points.is_empty() {
        parts::heading_with(ui, "Calls", span.label());
        let text = format!("No source told of these calls {}.", span.in_words());
        parts::hint(ui, text);
    } else {
        calls(&sheet, ui, commands, (span.label(), breakers.is_empty()));
    }
    ui.add_space(6.0);
    let is_seen = state.live().is_some_and(|it| {
        let mut breakers = it.breakers.iter();
        breakers.any(|it| it.dependency.as_ref() == Some(id))
    });
    if breakers.is_empty() && is_seen {
        parts::heading(ui, "Breaker");
        parts::hint(ui, format!("It stayed closed {}.", span.in_words()));
    }
    let count = breakers.len();
    for (index, lane) in breakers.into_iter().enumerate() {
        let name = match &lane.subject {
            Subject::Breaker { name, .. } => name.as_str(),
            Subject::Service(_) | Subject::Dependency(_) => "",
        };
        parts::heading_with(ui, "Breaker", name);
        let bars = bars(lane, record, sheet.extent);
        sheet.lane(ui, commands, (index, &bars), index + 1 == count);
    }
    parts::rule(ui);
}

fn curve(
    name: &'static str,
    color: Color32,
    style: LineStyle,
    value: fn(&Point) -> Option<f64>,
) -> Curve {
    Curve {
        name,
        color,
        style,
        value,
    }
}

pub(super) fn millis(value: f64) -> String {
    match value {
        1000.0.. => format!("{} s", trimmed(value / 1000.0, 1)),
        10.0.. => format!("{value:.0} ms"),
        _ => format!("{} ms", trimmed(value, 1)),
    }
}

fn percent(value: f64) -> String {
    format!("{} %", trimmed(value, 1))
}

/// How many calls there were, how many failed, and how long they took.
fn calls(sheet: &Sheet<'_>, ui: &mut Ui, commands: &mut Commands, (span, is_last): (&str, bool)) {
    let theme = sheet.theme;
    let rate = [curve("calls", theme.accent, LineStyle::Solid, |it| {
        it.rate_per_second
    })];
    let failed = [curve("failed", theme.down, LineStyle::Solid, |it| {
        it.error_share.map(|it| it * 100.0)
    })];
    let p95 = [curve("p95", theme.event, LineStyle::Solid, |it| it.p95_ms)];
    let all: [(&str, &[Curve], Unit, &str); 3] = [
        ("Calls", &rate, per_second, span),
        ("Failed", &failed, percent, "of its calls"),
        ("Latency", &p95, millis, "p95"),
    ];
    for (index, (name, curves, unit, remark)) in all.into_iter().enumerate() {
        let chart = Chart {
            name,
            curves,
            unit,
            top: None,
            is_filled: false,
            has_times: is_last && index == 2,
            nothing: "There were no calls in this time, or no source tells of it.",
        };
        sheet.chart(ui, commands, &chart, remark);
        ui.add_space(6.0);
    }
}

#[cfg(test)]
mod tests {
    use super::millis;

    #[test]
    fn a_latency_is_written_as_people_say_it() {
        assert_eq!(millis(0.4), "0.4 ms");
        assert_eq!(millis(84.3), "84 ms");
        assert_eq!(millis(1200.0), "1.2 s");
    }
}
