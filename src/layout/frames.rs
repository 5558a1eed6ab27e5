//! The frames around boundaries, as large as their members need. Computed in one
//! pass over the services, so that frames can follow a drag.

use std::collections::BTreeMap;

use imbl::OrdMap;

use super::geometry::{CARD_SIZE, FRAME_HEADER, FRAME_PADDING, Point, Rect, Size, card_at};
use crate::{
    model::{BoundaryId, Model, ServiceId},
    project::{Position, View},
};

/// The size of a frame without members, in points: room for one card.
const EMPTY_FRAME: Size = Size::new(
    CARD_SIZE.width + 2.0 * FRAME_PADDING,
    CARD_SIZE.height + FRAME_HEADER + FRAME_PADDING,
);

/// The rectangle of every boundary that has a place, in points.
///
/// A frame surrounds its members and the frames inside it; without members it is
/// where `view.empty_boundaries` says (by its center) and is left out otherwise. A
/// collapsed boundary is as large as a card, in the middle of what it would surround.
pub fn frames(
    model: &Model,
    positions: &OrdMap<ServiceId, Position>,
    view: &View,
) -> BTreeMap<BoundaryId, Rect> {
    let mut contents: BTreeMap<&BoundaryId, Rect> = BTreeMap::new();
    for (id, service) in &model.services {
        let (Some(boundary), Some(position)) = (&service.boundary, positions.get(id)) else {
            continue;
        };
        include(&mut contents, boundary, card_at(*position));
    }

    let mut frames = BTreeMap::new();
    for id in inside_out(model) {
        let collapsed = view.collapsed.contains(id);
        let rect = match (contents.get(id), view.empty_boundaries.get(id)) {
            (Some(content), _) if collapsed => Rect::around(content.center(), CARD_SIZE),
            (Some(content), _) => frame_around(*content),
            (None, Some(position)) if collapsed => card_at(*position),
            (None, Some(position)) => Rect::around((*position).into(), EMPTY_FRAME),
            (None, None) => continue,
        };
        let parent = model.boundaries.get(id).and_then(|it| it.parent.as_ref());
        if let Some(parent) = parent {
            include(&mut contents, parent, rect);
        }
        frames.insert(id.clone(), rect);
    }
    frames
}

/// The frame around a content, header and padding included.
pub(super) fn frame_around(content: Rect) -> Rect {
    let rect = content.grown(FRAME_PADDING);
    Rect {
        min: Point::new(rect.min.x, content.min.y - FRAME_HEADER),
        max: rect.max,
    }
}

fn include<'a>(contents: &mut BTreeMap<&'a BoundaryId, Rect>, id: &'a BoundaryId, rect: Rect) {
    contents
        .entry(id)
        .and_modify(|it| *it = it.union(rect))
        .or_insert(rect);
}

/// Every boundary after those inside it. One that is inside itself counts as outermost.
fn inside_out(model: &Model) -> Vec<&BoundaryId> {
    let mut by_depth: Vec<_> = model
        .boundaries
        .keys()
        .map(|id| (depth(model, id), id))
        .collect();
    by_depth.sort_by(|one, other| other.cmp(one));
    by_depth.into_iter().map(|(_, id)| id).collect()
}

fn depth(model: &Model, id: &BoundaryId) -> usize {
    let parent = |it: &BoundaryId| model.boundaries.get(it)?.parent.clone();
    std::iter::successors(parent(id), parent)
        .take(model.boundaries.len())
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::model;
    use std::sync::Arc;

    fn id(text: &str) -> BoundaryId {
        BoundaryId::new(text).expect("an id")
    }

    fn placed(model: &Model, step: i32) -> OrdMap<ServiceId, Position> {
        let services = model.services.keys().zip(0..);
        services
            .map(|(id, number)| (id.clone(), Position::new(0, number * step)))
            .collect()
    }

    #[test]
    fn a_frame_surrounds_its_members_with_room_for_its_name() {
        let model = model("shop(a, b)");
        let frames = frames(&model, &placed(&model, 100), &View::default());
        let frame = frames[&id("shop")];
        assert_eq!(frame.min, Point::new(-108.0, -64.0));
        assert_eq!(frame.max, Point::new(108.0, 144.0));
    }

    #[test]
    fn a_frame_contains_the_frames_inside_it() {
        let mut model = model("outer(a); inner(b)");
        let inner = model.boundaries.get_mut(&id("inner")).expect("inner");
        Arc::make_mut(inner).parent = Some(id("outer"));
        let frames = frames(&model, &placed(&model, 200), &View::default());
        let (outer, inner) = (frames[&id("outer")], frames[&id("inner")]);
        assert_eq!(outer.union(inner), outer);
        assert!((outer.max.y - inner.max.y - FRAME_PADDING).abs() < 0.1);
    }

    #[test]
    fn an_empty_boundary_is_where_it_was_put_and_a_collapsed_one_is_a_card() {
        let model = model("shop(a); later()");
        let mut view = View::default();
        view.empty_boundaries
            .insert(id("later"), Position::new(500, 0));
        view.collapsed.insert(id("shop"));
        let frames = frames(&model, &placed(&model, 0), &view);
        assert_eq!(frames[&id("shop")], card_at(Position::new(0, 0)));
        assert_eq!(frames[&id("later")].center(), Point::new(500.0, 0.0));
    }

    #[test]
    fn a_boundary_inside_itself_does_not_hang() {
        let mut model = model("a(x); b(y)");
        for (boundary, parent) in [("a", "b"), ("b", "a")] {
            let boundary = model.boundaries.get_mut(&id(boundary)).expect("it");
            Arc::make_mut(boundary).parent = Some(id(parent));
        }
        assert_eq!(
            frames(&model, &placed(&model, 100), &View::default()).len(),
            2
        );
    }
}
