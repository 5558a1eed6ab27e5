//! What is observed. Knows tokio, and nothing of the window.
//!
//! The poller runs on its own tasks and publishes one immutable [`Snapshot`] at a
//! time; readers keep only the newest, so a slow window cannot build up a backlog.
//! It calls `wake` after each publish, and the window passes a closure that asks
//! for a repaint.

mod address;
mod clock;
mod credential;
pub mod exposition;
pub mod fetch;
pub mod format;
mod grpc;
mod incident_log;
pub mod incidents;
mod naming;
mod notices;
mod observation;
mod placing;
mod plan;
mod poller;
mod polls;
mod probing;
mod readers;
mod resolving;
mod roster;
mod snapshot;
pub mod source;
mod states;
mod store;
mod stream;
mod webhook;

pub use address::AddressError;
pub use credential::{Keyring, KeyringError};
pub use notices::{Ledger, Notice, Notices};
pub use observation::{CallReading, CallerBreaker, InstanceReading, Observation};
pub use placing::Placing;
pub use plan::{Consent, DEFAULT_INTERVAL, MonitorPlan, PlanError, hosts_needing_consent};
pub use poller::{Monitor, poll_once};
pub use polls::{Poll, Polls};
pub use readers::{Snapshots, Transitions};
pub use roster::Roster;
pub use snapshot::{
    BreakerState, Change, Incident, InstanceState, ServiceState, Snapshot, SourceState, Traffic,
    Transition, Undrawn,
};
pub use states::{Circuit, Confidence, Health, Reach};
pub use webhook::{Webhook, WebhookError};
