//! The canvas: cards, edges and frames, and everything a pointer or a key does to them.
