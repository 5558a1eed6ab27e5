//! Dockerfiles: one image per service of our own code.
//!
//! Two stages, no privileges, no shell between Docker and the program, a health check
//! with what the image has anyway. No free text of a design gets into a Dockerfile:
//! only ids, ports, checked paths, and words inside JSON arrays.

mod fields;
mod recipe;

#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use super::{
    Export, ExportError, Exporter,
    bundle::{self, Origin, Stack},
    fields::Scope,
    skeleton,
};
use crate::model::{Model, Service, ServiceId, ServiceKind};
use recipe::Recipe;

pub(super) const EXPORTER: Exporter = Exporter {
    id: "dockerfile",
    title: "Dockerfile",
    purpose: "images",
    checked_by: &["hadolint"],
    scope: Scope::System,
    fields: fields::FIELDS,
    export,
};

// Every target has this signature, also one that cannot fail.
#[allow(clippy::unnecessary_wraps, reason = "the signature is every target's")]
fn export(model: &Model) -> Result<Export, ExportError> {
    let mut export = Export::default();
    for (id, service) in &model.services {
        if let Origin::Ours(stack) = bundle::origin(service) {
            let recipe = recipe::of(stack);
            let folder = bundle::source_folder(id);
            let text = dockerfile(id, service, stack, recipe);
            export.files.insert(format!("{folder}/Dockerfile"), text);
            export
                .files
                .insert(format!("{folder}/.dockerignore"), ignored(recipe));
            if !skeleton::is_written(stack) {
                export
                    .notes
                    .push(format!("{folder} needs {}.", recipe.expects));
            }
        } else if service.kind.is_our_code()
            && service.image.is_empty()
            && !bundle::is_imported(service)
        {
            export.notes.push(left_out(id, service));
        }
    }
    Ok(export)
}

fn left_out(id: &ServiceId, service: &Service) -> String {
    let known: Vec<_> = Stack::ALL.into_iter().map(Stack::id).collect();
    if service.build.is_some() {
        format!("{id} says where it is built: its own Dockerfile is left alone.")
    } else if service
        .known_technology()
        .is_some_and(|it| it.image.is_some())
    {
        format!("{id} runs from an image and needs no Dockerfile.")
    } else {
        format!(
            "There is no Dockerfile for {id}, because its technology is not one of {}: write {}/Dockerfile.",
            known.join(", "),
            bundle::source_folder(id)
        )
    }
}

fn dockerfile(id: &ServiceId, service: &Service, stack: Stack, recipe: &Recipe) -> String {
    let port = bundle::port(service).to_string();
    let mut text = String::from("# syntax=docker/dockerfile:1.7\n\n");
    for line in recipe.build {
        text.push_str(&line.replace("{id}", id.as_str()));
        text.push('\n');
    }
    let mut line = |words: &str| writeln!(text, "{words}").unwrap_or_default();
    line(&format!("\nFROM {} AS runtime", recipe.base));
    line(&format!("LABEL org.opencontainers.image.title=\"{id}\""));
    if recipe.is_alpine {
        line("RUN addgroup -S -g 10001 app \\");
        line("    && adduser -S -D -H -u 10001 -G app -s /sbin/nologin app");
    } else {
        line("RUN groupadd --gid 10001 app \\");
        line(
            "    && useradd --uid 10001 --gid app --no-create-home --no-log-init --shell /usr/sbin/nologin app",
        );
    }
    for words in recipe.runtime {
        line(&words.replace("{port}", &port));
    }
    let listens = service.kind != ServiceKind::Job;
    match stack {
        Stack::Express | Stack::Go | Stack::Axum if listens => line(&format!("ENV PORT={port}")),
        Stack::SpringBoot if listens => line(&format!("ENV SERVER_PORT={port}")),
        _ => {}
    }
    line(&format!("USER {}", bundle::APPLICATION_USER));
    if listens {
        line(&format!("EXPOSE {port}"));
    }
    line("STOPSIGNAL SIGTERM");
    if !listens {
        line("HEALTHCHECK NONE");
    } else if let Some(command) = stack.health_command(service) {
        let timing = bundle::health_timing(service.health.as_ref());
        line(&format!(
            "HEALTHCHECK --interval={} --timeout={} --start-period={} --retries={} \\",
            bundle::docker_duration(timing.interval_ms),
            bundle::docker_duration(timing.timeout_ms),
            bundle::docker_duration(timing.start_period_ms),
            timing.retries
        ));
        line(&format!(
            "    CMD {}",
            words(command.iter().map(String::as_str))
        ));
    }
    let entry = match service.kind {
        ServiceKind::Job => recipe.job_entry.unwrap_or(recipe.entry),
        _ => recipe.entry,
    };
    let entry: Vec<_> = entry.iter().map(|it| it.replace("{port}", &port)).collect();
    line(&format!(
        "ENTRYPOINT {}",
        words(entry.iter().map(String::as_str))
    ));
    text
}

/// Words as Docker's exec form: a JSON array, in which nothing is expanded.
fn words<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<_> = words
        .map(|it| serde_json::Value::from(it).to_string())
        .collect();
    format!("[{}]", words.join(", "))
}

fn ignored(recipe: &Recipe) -> String {
    let mut text = String::from("# Only what the image needs is sent to the build.\n**\n");
    for path in recipe.visible {
        writeln!(text, "!{path}").unwrap_or_default();
    }
    for path in recipe.hidden {
        writeln!(text, "{path}").unwrap_or_default();
    }
    text
}
