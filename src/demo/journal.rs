//! What changed in the demo, as it changed: what an observer should come to see.

use jiff::Timestamp;
use tokio::sync::broadcast;

use super::{breaker::State, dialect::Condition};
use crate::model::ServiceId;

/// Changes that a slow reader may be behind before it misses some.
const KEPT: usize = 1_024;

/// Something that changed, when and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition {
    /// When.
    pub at: Timestamp,
    /// What.
    pub change: Change,
    /// Why, in a few words: `6 of 10 calls failed, the last one: connection refused`.
    pub cause: String,
}

/// What changed.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A service's health.
    Health {
        /// The service.
        service: ServiceId,
        /// What it was.
        from: Condition,
        /// What it is.
        to: Condition,
    },
    /// A breaker's state.
    Breaker {
        /// The caller, in whose process it is.
        from: ServiceId,
        /// The service it protects.
        to: ServiceId,
        /// What that process calls it.
        name: String,
        /// What it was.
        from_state: State,
        /// What it is.
        to_state: State,
    },
}

/// Takes every change and hands it to whoever listens.
#[derive(Debug, Clone)]
pub(super) struct Journal {
    sender: broadcast::Sender<Transition>,
}

impl Journal {
    pub(super) fn new() -> Self {
        Self {
            sender: broadcast::Sender::new(KEPT),
        }
    }

    pub(super) fn note(&self, change: Change, cause: String) {
        let transition = Transition {
            at: Timestamp::now(),
            change,
            cause,
        };
        // Fails only while nobody listens.
        self.sender.send(transition).ok();
    }

    pub(super) fn listen(&self) -> broadcast::Receiver<Transition> {
        self.sender.subscribe()
    }
}
