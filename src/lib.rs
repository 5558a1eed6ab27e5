//! Meshboard: draw a microservice topology, judge it, export it, watch it.
//!
//! This page is the map of the code. Everything turns around one [`model::Model`];
//! each group below says what it does and what it must never do.
//!
//! # The map
//!
//! | module | what it answers | and never |
//! |---|---|---|
//! | [`model`] | what a topology is: services, dependencies, boundaries, routes | reads a file, a clock or a socket |
//! | [`project`] | where a design lives: its file, opened, saved, migrated, recovered | changes a file that it only reads |
//! | [`edit`] | how a design changes: edits, undo, redo | changes anything when an edit fails |
//! | [`rules`] | what is wrong with a design | judges what a design does not say |
//! | [`layout`] | where things could go | moves anything by itself |
//! | [`export`] | which files a design becomes | touches the disk |
//! | [`mod@write`] | how those files get onto the disk: plan, show, apply | overwrites what a person changed without being told to |
//! | [`monitor`] | what is observed: polls, formats, breakers, incidents | sends anything but GET, or knows of the window |
//! | [`history`] | what was observed, kept beside the project | harms the project, or stops the polling |
//! | [`import`] | what a design can be started from | touches the disk or trusts a byte |
//! | [`demo`] | a live system to watch | leaves loopback |
//! | `ui` | the window | is named by anything but `main` |
//! | [`cli`] | the command line | draws |
//!
//! A module uses only modules above it; `tests/architecture.rs` holds that, which
//! crate may be named where, and how long a file may be. `edit`, `rules`, `layout` and
//! `export` are pure: time and randomness are handed in, so the same input gives the
//! same output, which is also what the tests rely on.
//!
//! # One frame
//!
//! ```text
//! App::logic   what was asked for in the last frame, then jobs that ended
//!                → the only place where the state changes
//!              the model changed?        findings = rules::check(…), once per edit
//!              the monitor saw more?     keep the newest snapshot
//! App::ui      menu → toolbar → panels → canvas → dialogs
//!                → read the state, push commands
//!              a command was pushed?     ask for the next frame
//! ```
//!
//! # What always holds
//!
//! * An attribute that is absent is unknown, never zero.
//! * Every reference inside an open model leads somewhere.
//! * Opening a project and saving it gives the very same bytes.
//! * What comes from a file or a network is hostile until it is parsed: sizes and
//!   depths are bounded, and no input ends the program.
//! * Health and breakers are two axes; neither is derived from the other.
//! * Nothing is written that was not shown, and nothing is polled that was not allowed.
//! * There is one runtime, made in `main`. Dropping what runs stops it.
//!
//! # Recipes
//!
//! **Add a rule.** Copy a file in `src/rules/`, give the constant a code that was never
//! used, its words and its check, and add it to [`rules::ALL`] in the order of codes.
//! Write one test that is clean and one that is flagged, in the notation of
//! `src/model/testing.rs`. `meshboard rules` and the Problems panel follow by themselves.
//!
//! **Add a target.** Copy a folder in `src/export/`, which is one constant and one pure
//! function from the model to files, and add it to [`export::ALL`]. Quote every value
//! by the rules of its format: a name must never become syntax. Name the program that
//! the output was checked with.
//!
//! **Add a format of health or breakers.** Copy a file in `src/monitor/format/`, and
//! add it to the list there before the formats that are less exact, because the first
//! that recognises an answer reads it. Write the recognised answer into its test, and
//! let a service of [`demo`] speak it.

pub mod cli;
pub mod demo;
pub mod edit;
pub mod export;
pub mod history;
pub mod import;
pub mod layout;
pub mod model;
pub mod monitor;
pub mod project;
pub mod rules;
#[cfg(feature = "window")]
pub mod ui;
pub mod write;
