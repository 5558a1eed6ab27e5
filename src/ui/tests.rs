//! What a person gets from the window, by the names a screen reader reads.

mod actions;
mod files;
mod inspector;
mod live;
mod review;
mod window;
