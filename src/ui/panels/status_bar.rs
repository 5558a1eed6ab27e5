//! The bar at the bottom: counts at the left, what holds for the whole window at the right.

use egui::{Align, Layout, RichText, Sense, Ui, vec2};

use crate::{
    model::Severity,
    monitor::Health,
    ui::{
        exports::FileFate,
        state::{Mode, State},
        theme::{PANEL_PADDING, SECONDARY_SIZE, Theme},
        widgets::{
            parts,
            words::{clock_on, counted, trimmed},
        },
    },
};

pub(super) fn ui(ui: &mut Ui, state: &State) {
    let rect = ui.max_rect().shrink2(vec2(PANEL_PADDING - 2.0, 0.0));
    ui.allocate_rect(ui.max_rect(), Sense::hover());
    let mut row = parts::row_in(ui, rect);
    row.spacing_mut().item_spacing.x = 16.0;
    let left = match state.mode {
        _ if !state.has_design => Vec::new(),
        Mode::Export => export(state),
        Mode::Live if state.live().is_some() => live(state),
        Mode::Design | Mode::Review | Mode::Live => design(state),
    };
    for text in left {
        say(&mut row, text);
    }
    row.with_layout(Layout::right_to_left(Align::Center), |ui| {
        say(ui, right(state));
    });
}

fn say(ui: &mut Ui, text: String) {
    let muted = Theme::of(ui.ctx()).muted;
    let text = RichText::new(text).size(SECONDARY_SIZE).color(muted);
    ui.add(egui::Label::new(text).truncate());
}

fn design(state: &State) -> Vec<String> {
    let model = &state.document.project().model;
    let mut said = vec![format!(
        "{} · {} · {}",
        counted(model.services.len(), "service", "services"),
        counted(model.dependencies.len(), "dependency", "dependencies"),
        counted(model.boundaries.len(), "boundary", "boundaries")
    )];
    let judgement = &state.judgement;
    let errors = judgement.count(Severity::Error);
    let warnings = judgement.count(Severity::Warning);
    if judgement.revision.is_some() {
        said.push(format!(
            "{}  {}",
            counted(errors, "error", "errors"),
            counted(warnings, "warning", "warnings")
        ));
    }
    if let Some(focus) = &state.focus {
        said.push(format!(
            "only {} shown",
            counted(focus.len(), "service", "services")
        ));
    }
    said
}

fn live(state: &State) -> Vec<String> {
    let Some(snapshot) = state.live() else {
        return Vec::new();
    };
    let of = |health: Health| {
        snapshot
            .services
            .values()
            .filter(|it| it.health == health)
            .count()
    };
    let mut counts = format!(
        "{} up  {} degraded  {} down",
        of(Health::Up),
        of(Health::Degraded),
        of(Health::Down)
    );
    let unknown = of(Health::Unknown);
    if unknown > 0 {
        counts += "  ";
        counts += &counted(unknown, "unknown", "unknown");
    }
    let lasting = snapshot
        .incidents
        .iter()
        .filter(|it| it.until.is_none())
        .count();
    let mut said = vec![counts];
    if lasting > 0 {
        said.push(counted(lasting, "incident", "incidents"));
    }
    let targets = counted(snapshot.services.len(), "target", "targets");
    if state.past.moment.is_some() || !state.is_polling {
        said.push(targets);
    } else {
        let rate = trimmed(snapshot.polls_per_second, 1);
        said.push(format!("{targets}, {rate} answers/s"));
    }
    said
}

fn export(state: &State) -> Vec<String> {
    let exports = &state.exports;
    let Some(plan) = &exports.plan else {
        return Vec::new();
    };
    let to_write = plan.to_write(exports).count();
    let mut said = vec![format!("{} to write", counted(to_write, "file", "files"))];
    for (fate, words) in [
        (FileFate::Unchanged, "unchanged"),
        (FileFate::EditedByYou, "edited by you"),
        (FileFate::Merge, "to merge"),
        (FileFate::Conflict, "with conflicts"),
        (FileFate::LeftAlone, "yours"),
        (FileFate::Orphan, "orphaned"),
    ] {
        let count = plan.count(fate);
        if count > 0 {
            said.push(format!("{count} {words}"));
        }
    }
    said
}

fn right(state: &State) -> String {
    if let Some(busy) = &state.busy {
        return format!("{busy}…");
    }
    if !state.has_design {
        return String::new();
    }
    match (state.mode, &state.environment) {
        (Mode::Export, _) => "Nothing is written before you press Write".to_owned(),
        (Mode::Live, Some(environment)) if state.is_polling => {
            let recording = match (state.past.is_recording, state.past.moment) {
                (_, Some(moment)) => {
                    let when = clock_on(moment, jiff::Timestamp::now());
                    return format!("As it was at {when} · watching {environment} goes on");
                }
                (true, None) => " · recording",
                (false, None) => " · not recorded",
            };
            format!("Watching {environment}{recording}")
        }
        (Mode::Live, _) if state.past.moment.is_some() => {
            let moment = state.past.moment.unwrap_or_default();
            format!("As it was at {}", clock_on(moment, jiff::Timestamp::now()))
        }
        (Mode::Design | Mode::Review | Mode::Live, _) => {
            match (state.document.is_unsaved(), &state.path) {
                (true, _) => "Not saved".to_owned(),
                (false, Some(_)) => "Saved".to_owned(),
                (false, None) => String::new(),
            }
        }
    }
}
