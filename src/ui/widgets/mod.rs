//! Parts that more than one panel or dialog uses.

pub(super) mod breaker_glyph;
pub(super) mod fields;
pub(super) mod glyph;
pub(super) mod lists;
pub(super) mod parts;
pub(super) mod sparkline;
pub(super) mod state_shape;
pub(super) mod words;
