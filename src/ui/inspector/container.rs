//! What a service runs from, and what it may use.

use super::service::words;
use crate::{
    model::{Build, Service},
    ui::widgets::{
        fields::{Form, Measure},
        parts,
    },
};

pub(super) fn fields(form: &mut Form<'_>, next: &mut Service) {
    parts::heading(form.ui, "Container");
    form.text("Image", &mut next.image, "not set, with its tag");
    build(form, &mut next.build);
    form.texts(
        words("Command", "Command word", "as the image says"),
        &mut next.command,
    );
    let resources = &mut next.resources;
    form.number(
        "Processor",
        &mut resources.cpu_millis,
        Measure::new("thousandths", 1.0, 1e6),
    );
    form.number(
        "Memory",
        &mut resources.memory_mib,
        Measure::new("MiB", 1.0, 1e7),
    );
}

fn build(form: &mut Form<'_>, build: &mut Option<Build>) {
    let Some(source) = build else {
        if parts::small_button(form.ui, "Build it from a folder").clicked() {
            *build = Some(Build {
                context: ".".to_owned(),
                ..Build::default()
            });
            form.changed = Some("Build");
        }
        return;
    };
    let mut removes = false;
    form.nested("Build", "build", |form| {
        form.text(
            "Build folder",
            &mut source.context,
            "relative to the bundle",
        );
        form.text("Dockerfile", &mut source.dockerfile, "Dockerfile");
        form.text("Build stage", &mut source.target, "the last");
        let read = |text: &str| super::data::variable(text);
        form.pairs(
            words("Build arguments", "Argument", ""),
            &mut source.arguments,
            &read,
        );
        removes = parts::small_button(form.ui, "Do not build it").clicked();
    });
    if removes {
        *build = None;
        form.changed = Some("Build");
    }
}
