//! Makes a scene from a project.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use egui::{Pos2, Rect};

use super::{Edge, Frame, Guard, Line, Scene, Tone, What, cards, place};
use crate::{
    model::{Access, BoundaryId, Dependency, DependencyId, Mode, Model, ServiceId},
    project::Project,
    ui::canvas::{geometry::Wire, view::to_pos},
};

/// What every part of a scene is made by.
pub(super) struct Plan<'a> {
    pub(super) project: &'a Project,
    /// The color of each boundary.
    pub(super) tones: HashMap<&'a BoundaryId, Tone>,
    /// For each boundary that is not drawn itself, the one that is drawn instead.
    pub(super) shown_as: BTreeMap<&'a BoundaryId, &'a BoundaryId>,
    /// What alone is shown, if anything is.
    pub(super) focus: Option<&'a BTreeSet<ServiceId>>,
}

/// Makes everything anew; empty boundaries without a place stay where `before` had them.
pub(super) fn build(
    project: &Project,
    focus: Option<&BTreeSet<ServiceId>>,
    placed: BTreeMap<ServiceId, Pos2>,
    before: &Scene,
) -> Scene {
    let mut scene = Scene {
        placed,
        ..Scene::default()
    };
    place::place_missing(project, &mut scene.placed);
    let plan = Plan {
        project,
        tones: tones(&project.model),
        shown_as: collapsed_ancestors(project),
        focus,
    };
    add_frames(&mut scene, &plan, before);
    cards::add_services(&mut scene, &plan);
    cards::add_collapsed(&mut scene, &plan);
    add_edges(&mut scene, &project.model);
    add_start_orders(&mut scene, &project.model);
    for number in 0..scene.edges.len() {
        let Edge { from, to, .. } = scene.edges[number];
        scene.nodes[from].edges.push(number);
        if from != to {
            scene.nodes[to].edges.push(number);
        }
    }
    scene.pack();
    scene.fit_frames(|_| false);
    scene.route_all();
    scene
}

/// For each boundary inside a collapsed one, or collapsed itself, the outermost such.
fn collapsed_ancestors(project: &Project) -> BTreeMap<&BoundaryId, &BoundaryId> {
    let boundaries = &project.model.boundaries;
    let mut shown_as = BTreeMap::new();
    if project.view.collapsed.is_empty() {
        return shown_as;
    }
    for (id, boundary) in boundaries {
        let parent_of = |it: &&BoundaryId| {
            let parent = boundaries.get(*it)?.parent.as_ref()?;
            boundaries.get_key_value(parent).map(|it| it.0)
        };
        let first = boundary
            .parent
            .as_ref()
            .and_then(|it| boundaries.get_key_value(it))
            .map(|it| it.0);
        let above = std::iter::successors(first, parent_of).take(boundaries.len());
        let outermost = std::iter::once(id)
            .chain(above)
            .filter(|it| project.view.collapsed.contains(*it))
            .last();
        if let Some(outermost) = outermost {
            shown_as.insert(id, outermost);
        }
    }
    shown_as
}

fn tones(model: &Model) -> HashMap<&BoundaryId, Tone> {
    let with_turn = model.boundaries.iter().enumerate();
    with_turn
        .map(|(turn, (id, boundary))| {
            let color = boundary.color;
            (id, Tone { color, turn })
        })
        .collect()
}

fn depth(model: &Model, id: &BoundaryId) -> usize {
    let parent = |it: &BoundaryId| model.boundaries.get(it)?.parent.clone();
    std::iter::successors(parent(id), parent)
        .take(model.boundaries.len())
        .count()
}

fn add_frames(scene: &mut Scene, plan: &Plan<'_>, before: &Scene) {
    let (project, model) = (plan.project, &plan.project.model);
    let mut shown: Vec<_> = model
        .boundaries
        .iter()
        .filter(|(id, _)| !plan.shown_as.contains_key(id))
        .map(|(id, boundary)| (depth(model, id), id, boundary))
        .collect();
    shown.sort_by_key(|it| it.0);
    for (number, (_, id, boundary)) in shown.iter().enumerate() {
        scene.frame_of.insert((*id).clone(), number);
        let last_seen = || {
            before
                .frame_of(id)
                .map(|it| before.frames[it].rect.center())
        };
        let own_place = project.view.empty_boundaries.get(*id).copied().map(to_pos);
        scene.frames.push(Frame {
            id: (*id).clone(),
            name: model.boundary_name(id).to_owned(),
            team: boundary.team.clone(),
            tone: plan.tones[*id],
            // A circle of parents is cut where it would lead outward again.
            parent: boundary
                .parent
                .as_ref()
                .and_then(|it| scene.frame_of.get(it).copied())
                .filter(|parent| *parent < number),
            rect: Rect::ZERO,
            empty_at: own_place.or_else(last_seen),
            is_empty: true,
        });
    }
}

fn add_edges(scene: &mut Scene, model: &Model) {
    let is_folded: Vec<bool> = scene
        .nodes
        .iter()
        .map(|it| matches!(it.what, What::Collapsed(..)))
        .collect();
    let mut bundles: HashMap<(usize, usize), usize> = HashMap::new();
    for (id, dependency) in &model.dependencies {
        let ends = (
            scene.node_of(&dependency.from),
            scene.node_of(&dependency.to),
        );
        let (Some(from), Some(to)) = ends else {
            continue;
        };
        let is_hidden_inside = from == to && dependency.from != dependency.to;
        if is_hidden_inside || scene.nodes[from].is_ghost || scene.nodes[to].is_ghost {
            continue;
        }
        if is_folded[from] || is_folded[to] {
            if let Some(&number) = bundles.get(&(from, to)) {
                scene.edge_of.insert(id.clone(), number);
                join_bundle(&mut scene.edges[number], model, id, dependency);
                continue;
            }
            bundles.insert((from, to), scene.edges.len());
        }
        scene.edge_of.insert(id.clone(), scene.edges.len());
        scene.edges.push(Edge {
            from,
            to,
            line: line_of(dependency),
            dependencies: vec![id.clone()],
            dependency: Some(Arc::clone(dependency)),
            guard: guard_of(model, dependency),
            wire: Wire::default(),
            bounds: Rect::ZERO,
        });
    }
}

/// A bundle is drawn as its weakest part: one call makes it a call, one bare call bare.
fn join_bundle(edge: &mut Edge, model: &Model, id: &DependencyId, dependency: &Dependency) {
    edge.dependencies.push(id.clone());
    if line_of(dependency) == Line::Call {
        edge.line = Line::Call;
    }
    match (edge.guard, guard_of(model, dependency)) {
        (_, Guard::Missing) => edge.guard = Guard::Missing,
        (Guard::Unneeded, other) => edge.guard = other,
        (Guard::Missing | Guard::Breaker, Guard::Unneeded | Guard::Breaker) => {}
    }
}

/// Start orders, but for those that a dependency tells already.
fn add_start_orders(scene: &mut Scene, model: &Model) {
    let mut joined: BTreeSet<(usize, usize)> = BTreeSet::new();
    let has_any = model
        .services
        .values()
        .any(|it| !it.starts_after.is_empty());
    if has_any {
        joined.extend(scene.edges.iter().map(|it| (it.from, it.to)));
    }
    for (id, service) in &model.services {
        for earlier in service.starts_after.keys() {
            let (Some(from), Some(to)) = (scene.node_of(id), scene.node_of(earlier)) else {
                continue;
            };
            let is_shown = from != to && !scene.nodes[from].is_ghost && !scene.nodes[to].is_ghost;
            if is_shown && joined.insert((from, to)) {
                scene.edges.push(Edge {
                    from,
                    to,
                    line: Line::StartOrder,
                    dependencies: Vec::new(),
                    dependency: None,
                    guard: Guard::Unneeded,
                    wire: Wire::default(),
                    bounds: Rect::ZERO,
                });
            }
        }
    }
}

/// How a dependency is drawn.
pub(super) fn line_of(dependency: &Dependency) -> Line {
    let is_message = matches!(dependency.access, Access::Publish | Access::Consume);
    if dependency.mode == Mode::Async || is_message {
        Line::Event
    } else {
        Line::Call
    }
}

/// What guards a dependency.
pub(super) fn guard_of(model: &Model, dependency: &Dependency) -> Guard {
    if dependency.breaker.is_some() {
        Guard::Breaker
    } else if line_of(dependency) == Line::Call && model.crosses_boundary(dependency) {
        Guard::Missing
    } else {
        Guard::Unneeded
    }
}
