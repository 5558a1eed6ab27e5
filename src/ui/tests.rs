//! What a person gets from the window, by the names a screen reader reads.

mod actions;
mod exports;
mod files;
mod inspector;
mod live;
mod past;
mod review;
mod window;
