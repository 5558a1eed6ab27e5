//! Meshboard: draw a microservice topology, judge it, export it, watch it.

pub mod cli;
pub mod demo;
pub mod edit;
pub mod export;
pub mod import;
pub mod layout;
pub mod model;
pub mod monitor;
pub mod project;
pub mod rules;
#[cfg(feature = "window")]
pub mod ui;
pub mod write;
