//! Where things could go, and how edges run between them. Pure: no window, no disk.
//!
//! Positions are centers of cards on the canvas, in points. Nothing here moves
//! anything by itself: a person asks for a layout and gets one undoable edit.

/// The size of a card, in points.
pub const CARD: (f32, f32) = (184.0, 56.0);
