//! Waiting for what the poller publishes: snapshots, of which only the newest counts,
//! and transitions, of which every one does.

use std::sync::Arc;

use tokio::sync::watch;

use super::{Snapshot, Transition};

/// What is published each time.
#[derive(Debug, Clone, Default)]
pub(super) struct Published {
    pub snapshot: Arc<Snapshot>,
    /// Transitions there ever were, up to this snapshot.
    pub transition_count: u64,
}

/// Waits for snapshots.
#[derive(Debug, Clone)]
pub struct Snapshots(watch::Receiver<Published>);

impl Snapshots {
    pub(super) fn new(published: watch::Receiver<Published>) -> Self {
        Self(published)
    }

    /// The next snapshot that was not seen yet; `None` once polling has ended.
    pub async fn next(&mut self) -> Option<Arc<Snapshot>> {
        self.0.changed().await.ok()?;
        Some(Arc::clone(&self.0.borrow_and_update().snapshot))
    }

    /// The newest snapshot, seen or not; empty until the first was published.
    pub fn latest(&self) -> Arc<Snapshot> {
        Arc::clone(&self.0.borrow().snapshot)
    }

    /// Whether polling has ended, so that no other will come.
    pub fn has_ended(&self) -> bool {
        self.0.has_changed().is_err()
    }
}

/// Every transition, one after the other.
#[derive(Debug)]
pub struct Transitions {
    published: watch::Receiver<Published>,
    seen: u64,
    missed: u64,
    /// Newest first.
    waiting: Vec<Transition>,
}

impl Transitions {
    pub(super) fn new(published: watch::Receiver<Published>) -> Self {
        Self {
            published,
            seen: 0,
            missed: 0,
            waiting: Vec::new(),
        }
    }

    /// The next transition; `None` once polling has ended.
    pub async fn next(&mut self) -> Option<Transition> {
        loop {
            if let Some(transition) = self.waiting.pop() {
                return Some(transition);
            }
            self.take();
            if self.waiting.is_empty() {
                self.published.changed().await.ok()?;
            }
        }
    }

    /// The next transition; `None` if there is none now.
    pub fn try_next(&mut self) -> Option<Transition> {
        if self.waiting.is_empty() {
            self.take();
        }
        self.waiting.pop()
    }

    /// How many were lost because thousands came between two calls of `next`.
    pub fn missed(&self) -> u64 {
        self.missed
    }

    fn take(&mut self) {
        let published = self.published.borrow_and_update();
        let new = published.transition_count - self.seen;
        let kept = &published.snapshot.transitions;
        let available = new.min(kept.len() as u64);
        self.missed += new - available;
        self.seen = published.transition_count;
        let start = kept.len() - available as usize;
        self.waiting = kept[start..].iter().rev().cloned().collect();
    }
}
