//! Makes the cards of a scene: of services, and of boundaries that are drawn as one.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use egui::{Pos2, Rect};

use super::{Node, Scene, What, build::Plan};
use crate::{
    model::{BoundaryId, Service, ServiceId},
    ui::canvas::view::to_pos,
};

/// Adds a card for each service that is not inside of a collapsed boundary.
pub(super) fn add_services(scene: &mut Scene, plan: &Plan<'_>) {
    let model = &plan.project.model;
    for (id, service) in &model.services {
        let boundary = service.boundary.as_ref();
        if boundary.is_some_and(|it| plan.shown_as.contains_key(it)) {
            continue;
        }
        let center = place_of(scene, plan, id);
        scene.node_of.insert(id.clone(), scene.nodes.len());
        scene.nodes.push(Node {
            what: What::Service(id.clone(), Arc::clone(service)),
            center,
            home: center,
            frame: boundary.and_then(|it| scene.frame_of(it)),
            tone: boundary.and_then(|it| plan.tones.get(it).copied()),
            name: model.service_name(id).to_owned(),
            detail: detail_of(service),
            services: vec![id.clone()],
            edges: Vec::new(),
            is_ghost: plan.focus.is_some_and(|it| !it.contains(id)),
        });
    }
}

/// Adds a card for each collapsed boundary, in the middle of what is inside.
pub(super) fn add_collapsed(scene: &mut Scene, plan: &Plan<'_>) {
    let model = &plan.project.model;
    let mut folded: BTreeMap<&BoundaryId, Vec<&ServiceId>> = BTreeMap::new();
    for &id in plan.shown_as.values() {
        folded.entry(id).or_default();
    }
    if folded.is_empty() {
        return;
    }
    for (id, service) in &model.services {
        let boundary = service.boundary.as_ref();
        if let Some(shown) = boundary.and_then(|it| plan.shown_as.get(it)) {
            folded.entry(shown).or_default().push(id);
        }
    }
    for (id, services) in folded {
        let Some(boundary) = model.boundaries.get(id) else {
            continue;
        };
        let center = middle_of(scene, plan, id, &services);
        for service in &services {
            scene.node_of.insert((*service).clone(), scene.nodes.len());
        }
        let parent = boundary.parent.as_ref();
        let is_outside =
            |focus: &BTreeSet<ServiceId>| !services.iter().any(|it| focus.contains(*it));
        scene.nodes.push(Node {
            what: What::Collapsed(id.clone()),
            center,
            home: center,
            frame: parent.and_then(|it| scene.frame_of(it)),
            tone: plan.tones.get(id).copied(),
            name: model.boundary_name(id).to_owned(),
            detail: match services.len() {
                1 => "1 service".to_owned(),
                count => format!("{count} services"),
            },
            is_ghost: plan.focus.is_some_and(is_outside),
            services: services.into_iter().cloned().collect(),
            edges: Vec::new(),
        });
    }
}

fn place_of(scene: &Scene, plan: &Plan<'_>, id: &ServiceId) -> Pos2 {
    let position = plan.project.view.positions.get(id).copied().map(to_pos);
    position.or_else(|| scene.placed(id)).unwrap_or_default()
}

fn middle_of(scene: &Scene, plan: &Plan<'_>, id: &BoundaryId, services: &[&ServiceId]) -> Pos2 {
    if services.is_empty() {
        let own_place = plan.project.view.empty_boundaries.get(id);
        return own_place.copied().map(to_pos).unwrap_or_default();
    }
    let places = services.iter().map(|it| place_of(scene, plan, it));
    Rect::from_points(&places.collect::<Vec<_>>()).center()
}

/// The second line of a card: technology and port.
pub(super) fn detail_of(service: &Service) -> String {
    let known = service.known_technology();
    let technology = match known {
        Some(known) => known.label,
        None if service.technology.is_empty() => service.kind.label(),
        None => &service.technology,
    };
    let tag = service.image.rsplit_once(':').map(|it| it.1);
    let version = tag.filter(|it| {
        it.starts_with(|it: char| it.is_ascii_digit()) && it.len() <= 12 && !it.contains('/')
    });
    // The tag of an image built on top of one counts that image's own releases.
    let own = known.and_then(|it| it.image?.rsplit_once(':'));
    let repository = service.image.rsplit_once(':').map(|it| it.0);
    let runs_an_image = own.is_some() && own.map(|it| it.0) == repository;
    match (service.ports.first(), version) {
        (Some(port), _) => format!("{technology} · :{}", port.number),
        (None, Some(version)) if runs_an_image => {
            let number = version.split(['-', '+']).next().unwrap_or(version);
            format!("{technology} {number}")
        }
        (None, _) => technology.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::detail_of;
    use crate::model::testing::model;

    #[test]
    fn only_the_technologys_own_image_tells_its_version() {
        let model = model(
            "(own:database{image=postgres:17.6}, ours:database{image=shop/mysql:2.1.0 technology=mysql})",
        );
        let detail = |id: &str| detail_of(model.services.get(id).unwrap());
        assert_eq!(detail("own"), "PostgreSQL 17.6");
        assert_eq!(detail("ours"), "MySQL");
    }
}
