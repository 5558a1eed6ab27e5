//! What follows from the numbers of a call or a service.
//!
//! Worked out once for each change of the design, not for each frame: in a large
//! design every number asks about the whole of it.

use std::sync::Arc;

use egui::Ui;

use crate::{
    model::{
        DependencyId, Model, ServiceId,
        numbers::{Attempts, DependencyNumbers, ServiceNumbers, ServiceTime},
    },
    project::Project,
    ui::{
        state::State,
        theme::Theme,
        widgets::{
            parts::{hint, key_value},
            words::{duration_ms, trimmed},
        },
    },
};

/// How good a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tone {
    Plain,
    Warning,
    Bad,
}

/// A number with its name.
type Line = (String, String, Tone);

/// Lines, and the project they were worked out for.
type Kept = (Arc<Project>, Arc<Vec<Line>>);

/// From so many attempts on, one failing request becomes a storm. As the rules see it.
const MANY_ATTEMPTS: u64 = 8;

/// The worst case of a call and what it means for who needs it.
pub(super) fn dependency(ui: &mut Ui, state: &State, id: &DependencyId) {
    show(ui, state, id.as_str(), |model| of_dependency(model, id));
}

/// What a service may take, and what its failure takes along.
pub(super) fn service(ui: &mut Ui, state: &State, id: &ServiceId) {
    show(ui, state, id.as_str(), |model| of_service(model, id));
}

fn show(ui: &mut Ui, state: &State, salt: &str, lines: impl FnOnce(&Model) -> Vec<Line>) {
    let key = ui.id().with(("numbers", salt));
    let project = state.document.project();
    let kept: Option<Kept> = ui.data(|it| it.get_temp(key));
    let lines = match kept {
        Some((of, lines)) if Arc::ptr_eq(&of, project) => lines,
        Some(_) | None => {
            let lines = Arc::new(lines(&project.model));
            let kept: Kept = (Arc::clone(project), Arc::clone(&lines));
            ui.data_mut(|it| it.insert_temp(key, kept));
            lines
        }
    };
    let theme = Theme::of(ui.ctx());
    for (name, value, tone) in lines.iter() {
        let color = match tone {
            Tone::Plain => theme.text,
            Tone::Warning => theme.degraded,
            Tone::Bad => theme.down,
        };
        key_value(ui, name, value, color);
    }
    if lines.is_empty() {
        hint(ui, "Nobody waits here, so there is nothing to add up.");
    }
}

fn of_dependency(model: &Model, id: &DependencyId) -> Vec<Line> {
    let Some(numbers) = DependencyNumbers::of(model, id) else {
        return Vec::new();
    };
    let Some(dependency) = model.dependencies.get(id) else {
        return Vec::new();
    };
    let (from, to) = (
        model.service_name(&dependency.from),
        model.service_name(&dependency.to),
    );
    let worst = match numbers.worst_case_ms {
        Some(millis) => (duration_ms(millis), Tone::Plain),
        None => ("∞".to_owned(), Tone::Bad),
    };
    let mut lines = vec![("Worst case of this call".to_owned(), worst.0, worst.1)];
    lines.extend(time(format!("{to} answers within"), numbers.called_time));
    let attempts = if numbers.attempts == 1 {
        "1".to_owned()
    } else {
        numbers.attempts.to_string()
    };
    lines.push(("Attempts of one call".to_owned(), attempts, Tone::Plain));
    lines.push(reaching(to, numbers.attempts_reaching));
    if let Some(of_caller) = ServiceNumbers::of(model, &dependency.from) {
        lines.extend(availability(from, of_caller));
    }
    if let Some(of_called) = ServiceNumbers::of(model, &dependency.to) {
        lines.push(blast_radius(to, of_called));
    }
    lines
}

fn of_service(model: &Model, id: &ServiceId) -> Vec<Line> {
    let Some(numbers) = ServiceNumbers::of(model, id) else {
        return Vec::new();
    };
    let name = model.service_name(id);
    let mut lines: Vec<Line> = time("Waits for others up to".to_owned(), numbers.time)
        .into_iter()
        .collect();
    lines.push(reaching(name, numbers.attempts));
    lines.extend(availability(name, numbers));
    lines.push(blast_radius(name, numbers));
    lines
}

/// `None` for a service that waits for nobody.
fn time(name: String, time: ServiceTime) -> Option<Line> {
    if time.is_unbounded() {
        return Some((name, "∞".to_owned(), Tone::Bad));
    }
    Some((name, duration_ms(time.bound_ms()?), Tone::Plain))
}

fn reaching(name: &str, attempts: Attempts) -> Line {
    let (value, tone) = match attempts {
        Attempts::Endless => ("∞".to_owned(), Tone::Bad),
        Attempts::Times(times) if times >= MANY_ATTEMPTS => (times.to_string(), Tone::Warning),
        Attempts::Times(times) => (times.to_string(), Tone::Plain),
    };
    (format!("Attempts reaching {name}"), value, tone)
}

fn availability(name: &str, numbers: ServiceNumbers) -> Option<Line> {
    let percent = numbers.availability_percent?;
    let value = format!("{} %", trimmed(percent, 3));
    Some((format!("Availability of {name}"), value, Tone::Plain))
}

fn blast_radius(name: &str, numbers: ServiceNumbers) -> Line {
    let radius = numbers.blast_radius;
    let tone = if radius.fails * 2 >= radius.of.max(1) && radius.fails > 1 {
        Tone::Warning
    } else {
        Tone::Plain
    };
    (
        format!("Fail if {name} fails"),
        format!("{} of {} services", radius.fails, radius.of),
        tone,
    )
}
