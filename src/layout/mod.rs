//! Where things could go, and how edges run between them. Pure: no window, no disk.
//!
//! Positions are centers of cards on the canvas, in points. Nothing here moves
//! anything by itself: a person asks for a layout and gets one undoable edit. The
//! same input always gives the same output.
//!
//! [`arrange()`] lays out a design or a selection, [`place_missing`] finds room for
//! services that have no position, [`frames()`] surrounds the members of boundaries,
//! and [`Router`] runs edges around the cards.

mod align;
mod arrange;
mod assign;
mod columns;
mod components;
mod crossings;
mod exchange;
mod frames;
mod geometry;
mod grid;
mod level;
mod place_new;
mod ranks;
mod search;

mod routing;
mod tree;

#[cfg(test)]
mod tests;

pub use arrange::{Request, arrange};
pub use frames::frames;
pub use geometry::{
    CARD, CARD_SIZE, COLUMN_GAP, FRAME_HEADER, FRAME_PADDING, GRID, Point, ROW_GAP, Rect, Size,
    card_at,
};
pub use place_new::{free_spot, place_missing};
pub use routing::{Route, Router};
