//! Moving cards and frames. While it lasts, frames that lose a card stay as they are,
//! so that one can tell whether the card is still inside.

use std::collections::{BTreeMap, BTreeSet};

use egui::{Pos2, Vec2};

use super::{
    hit,
    scene::{Node, Scene, What},
    snap::{self, Snapped},
    view::{View, to_pos, to_position},
};
use crate::{
    edit::Edit,
    model::{BoundaryId, ServiceId},
    project::{Position, Project},
};

/// Cards that are being moved.
#[derive(Debug, Default)]
pub(super) struct Drag {
    /// Where the pointer went down, on the canvas.
    from: Pos2,
    /// Where the grabbed card or frame was.
    grabbed: Pos2,
    /// The cards that move.
    nodes: Vec<usize>,
    is_moving: Vec<bool>,
    /// Empty frames that move.
    empty_frames: Vec<usize>,
    /// Frames that move as a whole, because everything in them does.
    whole: BTreeSet<usize>,
    /// Whether a frame was grabbed, so that nothing changes its boundary.
    is_of_frame: bool,
    /// How far, so far.
    pub(super) snapped: Snapped,
    /// The frame that would take the cards in.
    pub(super) target: Option<usize>,
}

impl Drag {
    /// Of cards and of all that is in these frames.
    pub(super) fn of_cards(
        scene: &Scene,
        grabbed: usize,
        mut nodes: Vec<usize>,
        frames: &[usize],
        from: Pos2,
    ) -> Self {
        let mut empty_frames = Vec::new();
        for &frame in frames {
            let (inside, below) = scene.inside(frame);
            nodes.extend(inside);
            empty_frames.extend(below.into_iter().filter(|it| scene.frames[*it].is_empty));
        }
        nodes.sort_unstable();
        nodes.dedup();
        let mut drag = Self {
            from,
            grabbed: scene.nodes[grabbed].home,
            is_of_frame: !frames.is_empty(),
            ..Self::default()
        };
        drag.take(scene, nodes, empty_frames);
        drag
    }

    /// Of a frame with all that is in it.
    pub(super) fn of_frame(scene: &Scene, frame: usize, from: Pos2) -> Self {
        let (nodes, below) = scene.inside(frame);
        let empty = below.into_iter().filter(|it| scene.frames[*it].is_empty);
        let mut drag = Self {
            from,
            grabbed: nodes.first().map_or_else(
                || scene.frames[frame].rect.center(),
                |it| scene.nodes[*it].home,
            ),
            is_of_frame: true,
            ..Self::default()
        };
        drag.take(scene, nodes, empty.collect());
        drag
    }

    fn take(&mut self, scene: &Scene, nodes: Vec<usize>, empty_frames: Vec<usize>) {
        self.is_moving = vec![false; scene.nodes.len()];
        for &node in &nodes {
            self.is_moving[node] = true;
        }
        let mut stays = vec![false; scene.frames.len()];
        let mut goes = vec![false; scene.frames.len()];
        for (number, node) in scene.nodes.iter().enumerate() {
            let around = std::iter::successors(node.frame, |it| scene.frames[*it].parent);
            for frame in around {
                let list = if self.is_moving[number] {
                    &mut goes
                } else {
                    &mut stays
                };
                list[frame] = true;
            }
        }
        let all = 0..scene.frames.len();
        self.whole = all.filter(|it| goes[*it] && !stays[*it]).collect();
        self.whole.extend(empty_frames.iter().copied());
        self.nodes = nodes;
        self.empty_frames = empty_frames;
    }

    /// Moves what is dragged to the pointer, for now.
    pub(super) fn follow(&mut self, scene: &mut Scene, here: Pos2, view: View, is_free: bool) {
        let by = here - self.from;
        self.snapped = if is_free {
            Snapped {
                by: by.round(),
                guides: Vec::new(),
            }
        } else {
            let grabbed = (self.grabbed, by, view.zoom);
            snap::snap(scene, grabbed, view.visible(), |it| self.is_moving[it])
        };
        let by = self.snapped.by;
        let places = self.nodes.iter().map(|&it| (it, scene.nodes[it].home + by));
        let places: Vec<_> = places.collect();
        scene.move_for_now(places.into_iter());
        let in_whole: Vec<bool> = scene
            .nodes
            .iter()
            .map(|it| it.frame.is_some_and(|frame| self.whole.contains(&frame)))
            .collect();
        scene.fit_frames(|it| self.is_moving[it] && !in_whole[it]);
        scene.move_frames_for_now(&self.empty_frames, by);
        self.target = if self.is_of_frame {
            None
        } else {
            hit::frame_at(scene, here, |it| !self.whole.contains(&it))
        };
    }

    /// Whether a frame would change by letting go here.
    pub(super) fn takes_in(&self, scene: &Scene) -> Option<usize> {
        let target = self.target?;
        let joins = |it: &usize| self.destination(scene, *it) != scene.nodes[*it].frame;
        self.nodes.iter().any(joins).then_some(target)
    }

    /// The frame a card would be in.
    fn destination(&self, scene: &Scene, number: usize) -> Option<usize> {
        let node = &scene.nodes[number];
        let moves_along = node.frame.is_some_and(|it| self.whole.contains(&it));
        match (node.frame, self.target) {
            _ if self.is_of_frame => node.frame,
            (own, None) if moves_along => own,
            (None, target) => target,
            (Some(own), _) if !moves_along && scene.frames[own].rect.intersects(node.rect()) => {
                // Still partly inside: only a frame that is not around its own takes it.
                let mut around = std::iter::successors(Some(own), |it| scene.frames[*it].parent);
                match self.target {
                    Some(target) if !around.any(|it| it == target) => Some(target),
                    Some(_) | None => Some(own),
                }
            }
            (Some(own), None) => {
                let above = scene.frames[own].parent;
                above.filter(|it| scene.frames[*it].rect.intersects(node.rect()))
            }
            (Some(_), Some(target)) => Some(target),
        }
    }

    /// What letting go means: one step.
    pub(super) fn edit(&self, scene: &Scene, project: &Project) -> Option<Edit> {
        let by = self.snapped.by;
        if by == Vec2::ZERO {
            return None;
        }
        let moves: Vec<(ServiceId, Position)> = self
            .nodes
            .iter()
            .flat_map(|it| places(scene, &scene.nodes[*it], project, by))
            .collect();
        let mut edits = Vec::new();
        let mut label = String::new();
        if !moves.is_empty() {
            let edit = Edit::Move(moves);
            label = edit.label();
            edits.push(edit);
        }
        for &frame in &self.empty_frames {
            let frame = &scene.frames[frame];
            let place = to_position(frame.rect.center());
            edits.push(Edit::MoveEmptyBoundary(frame.id.clone(), place));
        }
        for edit in self.joins(scene) {
            label = edit.label();
            edits.push(edit);
        }
        edits.extend(self.emptied(scene));
        match edits.len() {
            0 => None,
            1 => edits.pop(),
            _ if label.is_empty() => Some(Edit::All("move boundaries".to_owned(), edits)),
            _ => Some(Edit::All(label, edits)),
        }
    }

    fn joins(&self, scene: &Scene) -> Vec<Edit> {
        let mut joins: BTreeMap<Option<BoundaryId>, Vec<ServiceId>> = BTreeMap::new();
        for &number in &self.nodes {
            let node = &scene.nodes[number];
            let destination = self.destination(scene, number);
            if let (Some((id, _)), true) = (node.service(), destination != node.frame) {
                let boundary = destination.map(|it| scene.frames[it].id.clone());
                joins.entry(boundary).or_default().push(id.clone());
            }
        }
        let joins = joins.into_iter();
        joins
            .map(|(boundary, ids)| Edit::Join(ids, boundary))
            .collect()
    }

    /// A boundary that loses its last card stays where it was.
    fn emptied(&self, scene: &Scene) -> Vec<Edit> {
        let leaves = |it: &usize| self.destination(scene, *it) != scene.nodes[*it].frame;
        let mut left: BTreeSet<usize> = BTreeSet::new();
        left.extend(
            self.nodes
                .iter()
                .filter(|it| leaves(it))
                .filter_map(|it| scene.nodes[*it].frame),
        );
        let is_emptied = |frame: &usize| {
            let mut members =
                (0..scene.nodes.len()).filter(|it| scene.nodes[*it].frame == Some(*frame));
            members.all(|it| self.is_moving[it] && leaves(&it))
        };
        left.into_iter()
            .filter(is_emptied)
            .map(|it| {
                let frame = &scene.frames[it];
                let center = frame.rect.center() - self.snapped.by;
                Edit::MoveEmptyBoundary(frame.id.clone(), to_position(center))
            })
            .collect()
    }
}

/// Where the services behind a card end up.
fn places(scene: &Scene, node: &Node, project: &Project, by: Vec2) -> Vec<(ServiceId, Position)> {
    match &node.what {
        What::Service(id, _) => vec![(id.clone(), to_position(node.center))],
        What::Collapsed(..) => {
            let place = |id: &ServiceId| {
                let position = project.view.positions.get(id).copied().map(to_pos);
                position.or_else(|| scene.placed(id)).unwrap_or(node.home)
            };
            let all = node.services.iter();
            all.map(|id| (id.clone(), to_position(place(id) + by)))
                .collect()
        }
    }
}
