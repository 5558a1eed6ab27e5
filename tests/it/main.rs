//! Tests over the whole program, in one binary because linking it takes long.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of a test may fail it"
)]

mod cli;
mod corpus;
mod demo;
mod examples;
mod export;
#[cfg(feature = "window")]
mod gui;
mod history;
mod payloads;
mod wired;
