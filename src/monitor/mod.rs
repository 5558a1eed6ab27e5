//! What is observed. Knows tokio, and nothing of the window.
//!
//! The poller runs on its own tasks and publishes one immutable [`Snapshot`] at a
//! time; readers keep only the newest, so a slow window cannot build up a backlog.
//! It calls `wake` after each publish, and the window passes a closure that asks
//! for a repaint.

mod snapshot;

pub use snapshot::{
    BreakerState, Change, Circuit, Confidence, Health, Incident, InstanceState, Reach,
    ServiceState, Snapshot, Transition,
};
