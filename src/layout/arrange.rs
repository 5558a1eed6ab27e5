//! The layout command: the whole design, or a selection where it is.

use std::collections::BTreeSet;

use imbl::OrdMap;

use super::{
    geometry::{Point, snapped},
    tree::Tree,
};
use crate::{
    model::{Model, ServiceId},
    project::Position,
};

/// What to arrange, and into which shape.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The services to arrange around their present middle; `None` means all.
    pub only: Option<BTreeSet<ServiceId>>,
    /// Width through height that the result should come near to; that of the window.
    pub aspect_ratio: f32,
}

impl Default for Request {
    fn default() -> Self {
        Self {
            only: None,
            aspect_ratio: 1.6,
        }
    }
}

/// Positions for every service of a model, layered from left to right.
///
/// Boundaries stay together, no two cards or frames overlap, and no card lies in a
/// frame that is not its own. A whole design starts at the origin; of a selection,
/// nothing else moves, and its middle stays where it is.
pub fn arrange(
    model: &Model,
    current: &OrdMap<ServiceId, Position>,
    request: &Request,
) -> OrdMap<ServiceId, Position> {
    let aspect_ratio = if request.aspect_ratio.is_finite() {
        request.aspect_ratio.clamp(0.2, 5.0)
    } else {
        1.6
    };
    let tree = Tree::new(model, request.only.as_ref());
    let centers = tree.lay_out(aspect_ratio);
    let shift = match &request.only {
        Some(only) => shift_to_present_middle(&centers, current, only),
        None => Point::default(),
    };
    let mut positions = current.clone();
    for (id, center) in centers {
        positions.insert(id.clone(), center.moved_by(shift).to_position());
    }
    positions
}

fn shift_to_present_middle(
    centers: &[(&ServiceId, Point)],
    current: &OrdMap<ServiceId, Position>,
    only: &BTreeSet<ServiceId>,
) -> Point {
    let present = only.iter().filter_map(|it| current.get(it).copied());
    let present = middle(present.map(Point::from));
    let (Some(present), Some(new)) = (present, middle(centers.iter().map(|it| it.1))) else {
        return Point::default();
    };
    Point::new(snapped(present.x - new.x), snapped(present.y - new.y))
}

fn middle(points: impl Iterator<Item = Point>) -> Option<Point> {
    let (count, sum) = points.fold((0, Point::default()), |(count, sum), it| {
        (count + 1, sum.moved_by(it))
    });
    (count > 0).then(|| Point::new(sum.x / count as f32, sum.y / count as f32))
}
