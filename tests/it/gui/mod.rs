//! The whole window, used as a person does: by pointer, by keys, and by the names a
//! screen reader reads.
//!
//! What cannot be found by its name here cannot be found by somebody who listens.

mod design;
mod export;
mod idle;
mod live;
mod reach;
mod recovery;
mod window;
