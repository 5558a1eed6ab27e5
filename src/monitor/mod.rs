//! What is observed. Knows tokio, and nothing of the window.
//!
//! The poller runs on its own tasks and publishes one immutable [`Snapshot`] at a
//! time; readers keep only the newest, so a slow window cannot build up a backlog.
//! It calls `wake` after each publish, and the window passes a closure that asks
//! for a repaint.

mod address;
mod credential;
pub mod exposition;
pub mod fetch;
pub mod format;
mod incident_log;
pub mod incidents;
mod naming;
mod observation;
mod placing;
mod plan;
mod poller;
mod probing;
mod snapshot;
pub mod source;
mod states;
mod store;

pub use address::AddressError;
pub use credential::{Keyring, KeyringError};
pub use observation::{CallReading, CallerBreaker, InstanceReading, Observation};
pub use placing::Placing;
pub use plan::{Consent, DEFAULT_INTERVAL, MonitorPlan, PlanError, hosts_needing_consent};
pub use poller::{Monitor, Snapshots, Transitions, poll_once};
pub use snapshot::{
    BreakerState, Change, Incident, InstanceState, ServiceState, Snapshot, SourceState, Traffic,
    Transition, Undrawn,
};
pub use states::{Circuit, Confidence, Health, Reach};
