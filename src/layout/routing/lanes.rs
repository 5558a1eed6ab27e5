//! Pieces of different edges that would lie on one another are moved apart.

use std::collections::HashMap;

use super::path::Ends;
use crate::layout::geometry::{Point, is_same};

/// Points between two lanes.
const LANE: f32 = 8.0;
/// Points an edge keeps straight before its first and after its last bend.
const STUB: f32 = 14.0;

/// A card's side and place from which a trunk starts: its edges may share lanes.
type Trunk = (usize, i32, i32);
/// From where to where a piece runs, and its trunk.
type Taken = (f32, f32, Trunk);

/// The lanes that are taken so far.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    /// By axis and place, with the extent and the trunk of each.
    taken: HashMap<(bool, i32), Vec<Taken>>,
}

impl Lanes {
    /// Moves the inner pieces of a line to lanes where no foreign edge runs, if there
    /// are any near, and takes these.
    pub(super) fn keep_apart(&mut self, points: &mut [Point], ends: &Ends) {
        let Some(start) = points.first() else { return };
        let trunk = (ends.nodes.0, start.x.round() as i32, start.y.round() as i32);
        for piece in 1..points.len().saturating_sub(2) {
            let is_upright = is_same(points[piece].x, points[piece + 1].x);
            let along = |it: Point| if is_upright { it.y } else { it.x };
            let across = |it: Point| if is_upright { it.x } else { it.y };
            let extent = ordered(along(points[piece]), along(points[piece + 1]));
            let at = across(points[piece]);
            // Only the two outer pieces end at a card, where the lane must not go past.
            let limits = [(piece == 1).then(|| points[0]), {
                let last = points.len() - 1;
                (piece + 2 == last).then(|| points[last])
            }];
            let is_allowed = |lane: f32| {
                limits.iter().flatten().all(|limit| {
                    let limit = across(*limit);
                    (lane - limit).signum() == (at - limit).signum()
                        && ((lane - limit).abs() >= STUB || is_same(lane, at))
                })
            };
            let lane = self.free_lane(is_upright, at, extent, trunk, is_allowed);
            for point in &mut points[piece..=piece + 1] {
                if is_upright {
                    point.x = lane;
                } else {
                    point.y = lane;
                }
            }
            let place = (is_upright, (lane / LANE).round() as i32);
            let entry = (extent.0, extent.1, trunk);
            self.taken.entry(place).or_default().push(entry);
        }
    }

    fn free_lane(
        &self,
        is_upright: bool,
        at: f32,
        extent: (f32, f32),
        trunk: Trunk,
        is_allowed: impl Fn(f32) -> bool,
    ) -> f32 {
        let is_free = |lane: f32| {
            let place = (lane / LANE).round() as i32;
            let taken = self.taken.get(&(is_upright, place));
            taken.into_iter().flatten().all(|&(first, last, other)| {
                other == trunk || last + LANE <= extent.0 || extent.1 + LANE <= first
            })
        };
        [0.0, 1.0, -1.0, 2.0, -2.0, 3.0, -3.0, 4.0, -4.0]
            .into_iter()
            .map(|step| at + step * LANE)
            .find(|&lane| is_allowed(lane) && is_free(lane))
            .unwrap_or(at)
    }
}

fn ordered(one: f32, other: f32) -> (f32, f32) {
    (one.min(other), one.max(other))
}
