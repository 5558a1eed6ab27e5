//! Places for services that the document does not place: below everything else, in
//! blocks by boundary. Shown only; a place is written down once a person moves it.

use std::collections::BTreeMap;

use egui::{Pos2, pos2};

use crate::{
    model::{BoundaryId, ServiceId},
    project::Project,
    ui::{canvas::view::to_pos, theme},
};

const COLUMNS: usize = 3;
const STEP: egui::Vec2 = egui::vec2(256.0, 80.0);
const BLOCK_GAP: f32 = 72.0;
/// Blocks flow to the right up to here.
const ROW_WIDTH: f32 = 2400.0;

/// A place for each service without one; those in `placed` keep theirs.
pub(super) fn place_missing(project: &Project, placed: &mut BTreeMap<ServiceId, Pos2>) {
    let view = &project.view;
    placed.retain(|id, _| {
        project.model.services.contains_key(id) && !view.positions.contains_key(id)
    });
    let mut missing: BTreeMap<Option<&BoundaryId>, Vec<&ServiceId>> = BTreeMap::new();
    for (id, service) in &project.model.services {
        if !view.positions.contains_key(id) && !placed.contains_key(id) {
            missing.entry(service.boundary.as_ref()).or_default().push(id);
        }
    }
    if missing.is_empty() {
        return;
    }
    let known = view.positions.values().map(|it| to_pos(*it));
    let all: Vec<Pos2> = known.chain(placed.values().copied()).collect();
    let bottom = all.iter().map(|it| it.y).reduce(f32::max);
    let left = all.iter().map(|it| it.x).reduce(f32::min).unwrap_or(0.0);
    let top = bottom.map_or(0.0, |it| it + theme::CARD.y + 2.0 * BLOCK_GAP);

    let (mut corner, mut row_height) = (pos2(left, top), 0.0_f32);
    for services in missing.values() {
        let columns = COLUMNS.max((services.len() as f32).sqrt().ceil() as usize / 2);
        let rows = services.len().div_ceil(columns);
        let width = columns.min(services.len()) as f32 * STEP.x + BLOCK_GAP;
        if corner.x > left && corner.x + width > left + ROW_WIDTH {
            corner = pos2(left, corner.y + row_height);
            row_height = 0.0;
        }
        for (number, id) in services.iter().enumerate() {
            let (column, row) = (number % columns, number / columns);
            let at = corner + egui::vec2(column as f32 * STEP.x, row as f32 * STEP.y);
            placed.insert((*id).clone(), at);
        }
        corner.x += width;
        row_height = row_height.max(rows as f32 * STEP.y + BLOCK_GAP + 36.0);
    }
}
