//! One level of a design: the items side by side in one frame, or on the canvas,
//! and the links among them. An item is a card or a frame that is already laid out.

use super::{
    columns, components,
    geometry::{Point, Size},
    grid,
};

/// The most cards that are arranged cell by cell; above, by columns.
const GRID_LIMIT: usize = 12;

/// A card or a finished frame.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Item {
    /// How much room it takes.
    pub size: Size,
    /// Whether it is a card, not a frame.
    pub is_card: bool,
    /// Whether it keeps data and so may hang below its owner.
    pub is_store: bool,
    /// Whether it stands for users, who come first.
    pub is_client: bool,
    /// Weight of what comes in from outside this level.
    pub from_outside: f32,
    /// Weight of what leaves this level.
    pub to_outside: f32,
}

/// A link in the direction of the flow.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link {
    /// The item it leaves.
    pub from: usize,
    /// The item it reaches.
    pub to: usize,
    /// How much it counts; one for a call, less for an order of starting.
    pub weight: f32,
    /// Where it leaves, relative to the left upper corner of its item.
    pub from_port: Point,
    /// Where it arrives, relative to the left upper corner of its item.
    pub to_port: Point,
}

impl Link {
    /// A link between the corners of two items.
    #[cfg(test)]
    pub(super) fn plain(from: usize, to: usize, weight: f32) -> Self {
        Self {
            from,
            to,
            weight,
            from_port: Point::default(),
            to_port: Point::default(),
        }
    }
}

/// Items, their links and the shape they should take together.
#[derive(Debug, Clone, Default)]
pub(super) struct Level {
    pub items: Vec<Item>,
    pub links: Vec<Link>,
    /// Width through height that is wanted.
    pub aspect_ratio: f32,
    /// Whether the whole design is too large to be read card by card, so that a
    /// strict flow helps more than short edges.
    pub is_large: bool,
}

/// The left upper corner of every item. No two items overlap.
pub(super) fn place(level: &Level) -> Vec<Point> {
    components::place_apart(level, |component| {
        let is_cards = component.items.iter().all(|it| it.is_card);
        if is_cards && component.items.len() <= GRID_LIMIT {
            grid::place(component)
        } else {
            columns::place(component)
        }
    })
}
