//! Room for services that have no position yet, without moving any other.

use std::collections::HashMap;

use imbl::OrdMap;

use super::{
    arrange::{Request, arrange},
    frames::{frame_around, frames},
    geometry::{
        CARD_SIZE, COLUMN_GAP, FRAME_HEADER, FRAME_PADDING, Point, ROW_GAP, Rect, card_at, snapped,
    },
};
use crate::{
    model::{BoundaryId, Model, ServiceId},
    project::{Position, View},
};

/// Points from one possible place to the next.
const STEP: (f32, f32) = (CARD_SIZE.width + COLUMN_GAP, CARD_SIZE.height + ROW_GAP);
/// Rings of places around the wanted one before giving up on nearness.
const RINGS: i32 = 40;

/// A position near another at which a card overlaps none of the occupied
/// rectangles, on the grid.
pub fn free_spot(near: Position, occupied: &[Rect]) -> Position {
    nearest(near.into(), |center| {
        let card = Rect::around(center, CARD_SIZE).grown(ROW_GAP / 2.0);
        occupied.iter().all(|it| !it.overlaps(card))
    })
    .unwrap_or_else(|| below(occupied, near))
    .to_position()
}

/// Positions for every service without one, near what they are linked with and in
/// their own frame. No other service moves.
///
/// A design in which nothing has a position is arranged as a whole.
pub fn place_missing(
    model: &Model,
    positions: &OrdMap<ServiceId, Position>,
    view: &View,
) -> Vec<(ServiceId, Position)> {
    let missing: Vec<_> = model
        .services
        .keys()
        .filter(|it| !positions.contains_key(*it))
        .collect();
    if missing.len() == model.services.len() {
        let all = arrange(model, &OrdMap::new(), &Request::default());
        return all.into_iter().collect();
    }
    let mut room = Room::new(model, positions, view);
    let neighbors = neighbors(model);
    let mut placed = Vec::with_capacity(missing.len());
    for id in missing {
        let position = room.place(model, id, neighbors.get(id).map_or(&[], Vec::as_slice));
        placed.push((id.clone(), position));
    }
    placed
}

/// Whom each service is linked with: callers first, because a new card goes to
/// the right of them.
fn neighbors(model: &Model) -> HashMap<&ServiceId, Vec<(&ServiceId, bool)>> {
    let mut neighbors: HashMap<_, Vec<_>> = HashMap::new();
    for dependency in model.dependencies.values() {
        neighbors
            .entry(&dependency.to)
            .or_default()
            .push((&dependency.from, true));
        neighbors
            .entry(&dependency.from)
            .or_default()
            .push((&dependency.to, false));
    }
    for route in model.routes.values() {
        neighbors
            .entry(&route.service)
            .or_default()
            .push((&route.gateway, true));
    }
    neighbors
}

/// What is taken so far.
struct Room {
    positions: OrdMap<ServiceId, Position>,
    /// Cards by coarse cell, so that ten thousand can be placed.
    cells: HashMap<(i32, i32), Vec<Rect>>,
    frames: Vec<(BoundaryId, Rect)>,
}

impl Room {
    fn new(model: &Model, positions: &OrdMap<ServiceId, Position>, view: &View) -> Self {
        let mut room = Self {
            positions: OrdMap::new(),
            cells: HashMap::new(),
            frames: frames(model, positions, view).into_iter().collect(),
        };
        for (id, position) in positions {
            room.take(id, *position);
        }
        room
    }

    fn take(&mut self, id: &ServiceId, position: Position) {
        let card = card_at(position);
        self.positions.insert(id.clone(), position);
        for cell in cells_of(card) {
            self.cells.entry(cell).or_default().push(card);
        }
    }

    fn place(
        &mut self,
        model: &Model,
        id: &ServiceId,
        neighbors: &[(&ServiceId, bool)],
    ) -> Position {
        let own = model.boundary_of(id).cloned();
        let frame = own
            .as_ref()
            .and_then(|it| Some(self.frames.iter().find(|(id, _)| id == it)?.1));
        let wanted = self.wanted(neighbors, frame);
        let around = |id: &BoundaryId| own.as_ref().is_some_and(|it| is_inside(model, it, id));
        let others: Vec<Rect> = self
            .frames
            .iter()
            .filter(|(id, _)| !around(id))
            .map(|it| it.1)
            .collect();

        let inside = frame.and_then(|frame| self.inside(frame, &others));
        // The frame grows with its member, and may then not reach into another.
        let is_free = |center: Point| {
            let card = Rect::around(center, CARD_SIZE);
            let grown = frame.map_or(card, |it| it.union(frame_around(card)));
            self.is_free(card)
                && others.iter().all(|it| !it.overlaps(grown))
                && frame.is_none_or(|it| self.has_no_strangers(model, own.as_ref(), it, grown))
        };
        let spot = inside.or_else(|| nearest(wanted, is_free));
        let spot = spot.unwrap_or_else(|| {
            let taken = self.positions.values().map(|it| card_at(*it));
            let taken: Vec<_> = taken.chain(others).collect();
            below(&taken, wanted.to_position())
        });
        let position = spot.to_position();
        self.take(id, position);
        self.grow_frames(model, own, position);
        position
    }

    /// Beside the first neighbor that has a place, else below the frame's last row,
    /// else the origin.
    fn wanted(&self, neighbors: &[(&ServiceId, bool)], frame: Option<Rect>) -> Point {
        let mut placed = neighbors
            .iter()
            .filter_map(|(id, is_caller)| Some((*self.positions.get(*id)?, *is_caller)));
        let beside = placed.next().map(|(position, is_caller)| {
            let step = if is_caller { STEP.0 } else { -STEP.0 };
            Point::from(position).moved_by(Point::new(step, 0.0))
        });
        match (beside, frame) {
            (Some(beside), Some(frame)) if !frame.contains(beside) => Point::new(
                beside.x.clamp(frame.min.x, frame.max.x),
                beside.y.clamp(frame.min.y, frame.max.y),
            ),
            (Some(beside), _) => beside,
            (None, Some(frame)) => Point::new(frame.center().x, frame.max.y),
            (None, None) => Point::default(),
        }
    }

    /// A free place inside a frame as it is, by rows.
    fn inside(&self, frame: Rect, others: &[Rect]) -> Option<Point> {
        let first = Point::new(
            frame.min.x + FRAME_PADDING + CARD_SIZE.width / 2.0,
            frame.min.y + FRAME_HEADER + CARD_SIZE.height / 2.0,
        );
        let last = Point::new(
            frame.max.x - FRAME_PADDING - CARD_SIZE.width / 2.0,
            frame.max.y - FRAME_PADDING - CARD_SIZE.height / 2.0,
        );
        let steps = |from: f32, to: f32, step: f32| {
            let count = ((to - from) / step + 1.01).max(0.0) as i32;
            (0..count.min(100)).map(move |it| from + it as f32 * step)
        };
        steps(first.y, last.y, STEP.1)
            .flat_map(|y| steps(first.x, last.x, STEP.0).map(move |x| Point::new(x, y)))
            .find(|&center| {
                let card = Rect::around(center, CARD_SIZE);
                self.is_free(card) && others.iter().all(|it| !it.overlaps(card))
            })
    }

    fn is_free(&self, card: Rect) -> bool {
        let card = card.grown(ROW_GAP / 2.0);
        cells_of(card)
            .filter_map(|it| self.cells.get(&it))
            .flatten()
            .all(|it| !it.overlaps(card))
    }

    /// Whether a grown frame would surround cards that are not its own.
    fn has_no_strangers(
        &self,
        model: &Model,
        own: Option<&BoundaryId>,
        frame: Rect,
        grown: Rect,
    ) -> bool {
        self.positions.iter().all(|(id, position)| {
            let card = card_at(*position);
            !card.overlaps(grown)
                || card.overlaps(frame)
                || own.is_none_or(|own| {
                    model
                        .boundary_of(id)
                        .is_some_and(|it| is_inside(model, it, own))
                })
        })
    }

    fn grow_frames(&mut self, model: &Model, own: Option<BoundaryId>, position: Position) {
        let mut rect = card_at(position);
        let mut next = own;
        // As many steps as there are boundaries at most: one may be inside itself.
        for _ in 0..model.boundaries.len() {
            let Some(id) = next else { break };
            let around = frame_around(rect);
            match self.frames.iter_mut().find(|it| it.0 == id) {
                Some((_, frame)) => {
                    *frame = frame.union(around);
                    rect = *frame;
                }
                None => {
                    self.frames.push((id.clone(), around));
                    rect = around;
                }
            }
            next = model.boundaries.get(&id).and_then(|it| it.parent.clone());
        }
    }
}

/// Whether `inner` is `outer` or somewhere inside it.
fn is_inside(model: &Model, inner: &BoundaryId, outer: &BoundaryId) -> bool {
    let parent = |it: &&BoundaryId| model.boundaries.get(*it)?.parent.as_ref();
    std::iter::successors(Some(inner), parent)
        .take(model.boundaries.len())
        .any(|it| it == outer)
}

/// The nearest place to a wanted one that is free: ring by ring, to the right and
/// downward first.
fn nearest(wanted: Point, is_free: impl Fn(Point) -> bool) -> Option<Point> {
    let wanted = Point::new(snapped(wanted.x), snapped(wanted.y));
    for ring in 0..RINGS {
        let mut places: Vec<_> = (-ring..=ring)
            .flat_map(|down| (-ring..=ring).map(move |right| (right, down)))
            .filter(|(right, down)| right.abs().max(down.abs()) == ring)
            .collect();
        places.sort_by_key(|&(right, down)| (right.abs() * 3 + down.abs(), right < 0, down < 0));
        let places = places.into_iter().map(|(right, down)| {
            wanted.moved_by(Point::new(right as f32 * STEP.0, down as f32 * STEP.1))
        });
        if let Some(place) = places.into_iter().find(|it| is_free(*it)) {
            return Some(place);
        }
    }
    None
}

/// Below everything, where there always is room.
fn below(occupied: &[Rect], near: Position) -> Point {
    let bottom = occupied.iter().map(|it| it.max.y).fold(0.0, f32::max);
    Point::new(
        near.x as f32,
        snapped(bottom + FRAME_HEADER + FRAME_PADDING + STEP.1),
    )
}

fn cells_of(rect: Rect) -> impl Iterator<Item = (i32, i32)> {
    let cell = |it: f32| (it / 256.0).floor() as i32;
    let (left, right) = (cell(rect.min.x), cell(rect.max.x));
    (cell(rect.min.y)..=cell(rect.max.y)).flat_map(move |y| (left..=right).map(move |x| (x, y)))
}
