//! Which files of an export say something about what is selected.

use std::collections::BTreeSet;

use egui::{Rect, Sense, Ui, WidgetInfo, WidgetType, vec2};

use crate::{
    export::lines::Names,
    model::{ElementId, Model},
    ui::{exports::ExportPlan, theme::Theme},
};

/// The files that say something about what is selected.
pub(super) fn files(plan: &ExportPlan, selection: &BTreeSet<ElementId>) -> BTreeSet<String> {
    if selection.is_empty() {
        return BTreeSet::new();
    }
    let model = &plan.project.model;
    let names = Names::of(model);
    let words: Vec<String> = selection.iter().flat_map(|it| words(model, it)).collect();
    let mentions = plan.files().filter_map(|(_, file)| {
        let text = if file.after.is_empty() {
            file.before.as_deref().unwrap_or_default()
        } else {
            &file.after
        };
        // Most files say nothing at all about it, and are read no further.
        let has_word = |it: &String| text.contains(it) || file.path.contains(it);
        let spots = if words.iter().any(has_word) {
            names.elements(&file.path, text)
        } else {
            Vec::new()
        };
        let is_about = spots.iter().any(|(_, it)| selection.contains(it));
        is_about.then(|| file.path.clone())
    });
    mentions.collect()
}

/// What stands in every file about an element, one of these.
fn words(model: &Model, element: &ElementId) -> Vec<String> {
    let of = |id: &str| {
        let plain = id.replace('-', "_");
        vec![id.to_owned(), plain.to_ascii_uppercase(), plain]
    };
    match element {
        ElementId::Dependency(id) => {
            let dependency = model.dependencies.get(id);
            dependency.map_or_else(Vec::new, |it| of(it.to.as_str()))
        }
        ElementId::Boundary(id) => {
            let services = model.services.iter();
            let members = services.filter(|(_, it)| it.boundary.as_ref() == Some(id));
            let members = members.flat_map(|(id, _)| of(id.as_str()));
            members.chain(of(id.as_str())).collect()
        }
        ElementId::Service(_) | ElementId::Route(_) => of(element.as_str()),
    }
}

/// A dot for a file that mentions what is selected.
pub(super) fn mark(ui: &Ui, at: egui::Pos2, path: &str) {
    let theme = Theme::of(ui.ctx());
    ui.painter().circle_filled(at, 3.0, theme.accent);
    let rect = Rect::from_center_size(at, vec2(10.0, 10.0));
    let id = ui.id().with(("mentions", path));
    let response = ui.interact(rect, id, Sense::hover());
    let text = format!("{path} mentions what is selected");
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, &text));
    response.on_hover_text("mentions what is selected");
}
