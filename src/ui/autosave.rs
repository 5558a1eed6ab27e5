//! Keeps unsaved work aside, a second after the last change, off the window's thread.
//!
//! What is kept is forgotten when its document is saved, given up or closed; what is
//! still there at the next start was lost otherwise and is offered.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::{Instant, sleep_until},
};

use super::{
    command::Command,
    state::State,
    tasks::{Job, Reports, Tasks},
};
use crate::project::{Project, Recovered, Recovery};

/// How long after the last change work is kept aside.
const CALM: Duration = Duration::from_secs(1);

/// Keeps the work of one window aside.
#[derive(Debug)]
pub(super) struct Autosave {
    recovery: Option<Recovery>,
    wishes: UnboundedSender<Wish>,
    /// The project that was last handed over.
    handed: Option<Arc<Project>>,
    _job: Job,
}

#[derive(Debug)]
enum Wish {
    Keep(Option<PathBuf>, Arc<Project>),
    Forget(Option<PathBuf>),
}

impl Autosave {
    /// Keeps work in this folder; nowhere without one.
    pub(super) fn new(folder: Option<PathBuf>, tasks: &Tasks) -> Self {
        let (wishes, received) = unbounded_channel();
        let recovery = folder.map(Recovery::new);
        let job = tasks.spawn_job(keep_aside(recovery.clone(), received, tasks.reports()));
        Self {
            recovery,
            wishes,
            handed: None,
            _job: job,
        }
    }

    /// Hands over what changed since it was last called.
    pub(super) fn keep(&mut self, state: &State) {
        let project = state.document.project();
        let is_handed = self
            .handed
            .as_ref()
            .is_some_and(|it| Arc::ptr_eq(it, project));
        if self.recovery.is_none() || !state.has_design || is_handed {
            return;
        }
        self.handed = Some(Arc::clone(project));
        if state.document.is_unsaved() {
            let wish = Wish::Keep(state.path.clone(), Arc::clone(project));
            // The job lives as long as this does.
            self.wishes.send(wish).ok();
        }
    }

    /// Nothing of this document needs to be kept any more.
    pub(super) fn forget(&self, original: Option<&Path>) {
        if let Some(recovery) = &self.recovery {
            self.wishes
                .send(Wish::Forget(original.map(Path::to_owned)))
                .ok();
            recovery.forget(original);
        }
    }

    /// What earlier runs left.
    pub(super) fn left_behind(&self) -> Vec<Recovered> {
        self.recovery
            .as_ref()
            .map(Recovery::left_behind)
            .unwrap_or_default()
    }

    /// Drops what an earlier run left.
    pub(super) fn discard(&self, recovered: &Recovered) {
        if let Some(recovery) = &self.recovery {
            recovery.discard(recovered);
        }
    }
}

async fn keep_aside(
    recovery: Option<Recovery>,
    mut wishes: UnboundedReceiver<Wish>,
    reports: Reports,
) {
    let Some(recovery) = recovery else { return };
    let mut pending: Option<(Option<PathBuf>, Arc<Project>)> = None;
    let mut due = Instant::now();
    let mut has_complained = false;
    loop {
        tokio::select! {
            wish = wishes.recv() => match wish {
                None => return,
                Some(Wish::Keep(path, project)) => {
                    pending = Some((path, project));
                    due = Instant::now() + CALM;
                }
                Some(Wish::Forget(path)) => {
                    if pending.as_ref().is_some_and(|(it, _)| *it == path) {
                        pending = None;
                    }
                    recovery.forget(path.as_deref());
                }
            },
            () = sleep_until(due), if pending.is_some() => {
                let Some((path, project)) = pending.take() else { continue };
                let recovery = recovery.clone();
                let kept = tokio::task::spawn_blocking(move || {
                    recovery.keep(path.as_deref(), &project)
                });
                if let Ok(Err(error)) = kept.await && !has_complained {
                    has_complained = true;
                    reports.send(Command::Complain(format!(
                        "unsaved work cannot be kept aside: {error}\nsave often until there is room"
                    )));
                }
            }
        }
    }
}
