//! How far the design is with the seven practices that carry microservices.

use egui::{Frame, Label, Margin, RichText, ScrollArea, Sense, Ui, vec2};

use super::problems::in_words;
use crate::{
    model::{ElementId, Mode, Model, Service},
    rules::Finding,
    ui::{
        command::{Command, Commands},
        state::State,
        theme::{PANEL_PADDING, ROW_SIZE, Theme, semibold},
        widgets::parts,
    },
};

/// A practice: when to begin with it, and what fulfils it.
struct Practice {
    name: &'static str,
    /// Whether to begin with it today; else it comes next.
    is_for_today: bool,
    /// What is missing where, in words.
    check: fn(&Model) -> Progress,
    /// The codes of the rules that watch over it; a letter stands for all of its area.
    rules: &'static [&'static str],
}

/// How many of what could fulfil a practice do, and who does not yet.
struct Progress {
    done: usize,
    of: usize,
    missing: Vec<(ElementId, &'static str)>,
}

const ALL: &[Practice] = &[
    Practice {
        name: "Bounded contexts",
        is_for_today: true,
        check: |model| {
            each_service(
                model,
                |it| it.kind.is_deployed(),
                "belongs to no boundary",
                |it| it.boundary.is_some(),
            )
        },
        rules: &["S02", "S18", "S19", "D01"],
    },
    Practice {
        name: "One gateway",
        is_for_today: true,
        check: gateway,
        rules: &["G01", "G02", "G07", "G10", "G12"],
    },
    Practice {
        name: "Containers",
        is_for_today: true,
        check: |model| {
            each_service(
                model,
                |it| it.kind.is_deployed(),
                "has no image and no build",
                |it| !it.image.is_empty() || it.build.is_some() || it.known_technology().is_some(),
            )
        },
        rules: &["O01", "O06", "O08", "O11", "R25", "R26"],
    },
    Practice {
        name: "Service discovery",
        is_for_today: false,
        check: |model| {
            each_call(model, "does not say how it finds its target", |it| {
                it.dynamic_discovery == Some(true)
            })
        },
        rules: &["G05", "G06"],
    },
    Practice {
        name: "Circuit breakers",
        is_for_today: false,
        check: |model| each_call(model, "has no breaker", |it| it.breaker.is_some()),
        rules: &["R01", "R02", "R03"],
    },
    Practice {
        name: "Automated delivery",
        is_for_today: false,
        check: |model| {
            each_service(
                model,
                |it| it.kind.is_our_code(),
                "says no technology to build",
                |it| it.known_technology().is_some() || it.build.is_some(),
            )
        },
        rules: &["O05"],
    },
    Practice {
        name: "Central monitoring",
        is_for_today: false,
        check: |model| {
            each_service(
                model,
                |it| it.kind.is_our_code(),
                "lacks a health check, metrics or a log format",
                |it| {
                    it.health.is_some() && !it.metrics_path.is_empty() && !it.log_format.is_empty()
                },
            )
        },
        rules: &["O02", "O03", "O04"],
    },
];

fn each_service(
    model: &Model,
    counts: impl Fn(&Service) -> bool,
    lacks: &'static str,
    fulfils: impl Fn(&Service) -> bool,
) -> Progress {
    let relevant = || model.services.iter().filter(|(_, it)| counts(it));
    let missing: Vec<_> = relevant()
        .filter(|(_, it)| !fulfils(it))
        .map(|(id, _)| (ElementId::Service(id.clone()), lacks))
        .collect();
    Progress {
        done: relevant().count() - missing.len(),
        of: relevant().count(),
        missing,
    }
}

fn each_call(
    model: &Model,
    lacks: &'static str,
    fulfils: impl Fn(&crate::model::Dependency) -> bool,
) -> Progress {
    let relevant = || {
        model.dependencies.iter().filter(|(_, it)| {
            let to = model.services.get(&it.to);
            it.mode == Mode::Sync && to.is_some_and(|it| !it.kind.is_store())
        })
    };
    let missing: Vec<_> = relevant()
        .filter(|(_, it)| !fulfils(it))
        .map(|(id, _)| (ElementId::Dependency(id.clone()), lacks))
        .collect();
    Progress {
        done: relevant().count() - missing.len(),
        of: relevant().count(),
        missing,
    }
}

/// Whoever can be reached from outside is reached through a gateway.
fn gateway(model: &Model) -> Progress {
    use crate::model::ServiceKind;
    each_service(
        model,
        |it| it.kind == ServiceKind::Gateway || (it.kind.is_our_code() && it.is_exposed()),
        "can be reached past the gateway",
        |it| it.kind == ServiceKind::Gateway,
    )
}

pub(super) fn ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let margin = Margin::symmetric(PANEL_PADDING as i8, 14);
    Frame::new().inner_margin(margin).show(ui, |ui| {
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            parts::heading_with(ui, "Readiness", "seven practices");
            for (title, is_for_today) in [("Do today", true), ("Next", false)] {
                parts::rule(ui);
                parts::heading(ui, title);
                for practice in ALL.iter().filter(|it| it.is_for_today == is_for_today) {
                    self::practice(ui, state, commands, practice);
                }
            }
        });
    });
}

fn practice(ui: &mut Ui, state: &State, commands: &mut Commands, practice: &Practice) {
    let theme = Theme::of(ui.ctx());
    let model = &state.document.project().model;
    let progress = (practice.check)(model);
    ui.add_space(6.0);
    let share = if progress.of == 0 {
        "—".to_owned()
    } else {
        format!("{} of {}", progress.done, progress.of)
    };
    let color = match (progress.of, progress.missing.len()) {
        (0, _) => theme.muted,
        (_, 0) => theme.up,
        _ => theme.degraded,
    };
    parts::key_value(ui, practice.name, &share, color);
    let (bar, _) = ui.allocate_exact_size(vec2(ui.available_width(), 4.0), Sense::hover());
    ui.painter().rect_filled(bar, 2, theme.line);
    if progress.of > 0 {
        let done = bar.width() * progress.done as f32 / progress.of as f32;
        ui.painter()
            .rect_filled(bar.with_max_x(bar.left() + done), 2, color);
    }
    for (element, lacks) in progress.missing.iter().take(3) {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            if parts::link(ui, &model.element_name(element)).clicked() {
                commands.push(Command::Reveal(element.clone()));
            }
            let text = RichText::new(*lacks).size(ROW_SIZE).color(theme.muted);
            ui.add(Label::new(text).truncate());
        });
    }
    let more = progress.missing.len().saturating_sub(3);
    if more > 0 {
        parts::hint(ui, format!("and {more} more"));
    }
    findings(ui, state, commands, practice);
}

/// What the rules say about a practice, with the first fix at hand.
fn findings(ui: &mut Ui, state: &State, commands: &mut Commands, practice: &Practice) {
    let found: Vec<&Finding> = state
        .judgement
        .findings
        .iter()
        .filter(|it| practice.rules.contains(&it.rule.code))
        .collect();
    let Some(first) = found.first() else { return };
    let text = RichText::new(in_words(&found))
        .size(ROW_SIZE)
        .family(semibold());
    ui.label(text);
    parts::hint(ui, first.message.as_str());
    if let Some(fix) = first.fixes.first()
        && parts::small_button(ui, &fix.label).clicked()
    {
        commands.edit(fix.edit.clone());
    }
}
