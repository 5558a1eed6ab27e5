//! Background jobs that end in a command.
//!
//! A job never touches the window: it ends in a [`Command`], which the next frame
//! runs. Success and failure are both commands, so that each outcome is handled in
//! one place.

use std::sync::mpsc::{Receiver, Sender, channel};

use egui::Context;
use tokio::runtime::Handle;

use super::command::Command;

/// Starts jobs and collects what they end in.
#[derive(Debug)]
pub struct Tasks {
    runtime: Handle,
    ctx: Context,
    done: Sender<Command>,
    finished: Receiver<Command>,
}

impl Tasks {
    /// Jobs on this runtime that wake this window.
    pub fn new(runtime: Handle, ctx: Context) -> Self {
        let (done, finished) = channel();
        Self {
            runtime,
            ctx,
            done,
            finished,
        }
    }

    /// The runtime jobs run on.
    pub fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// Wakes the window; for streams that publish by themselves.
    pub fn waker(&self) -> impl Fn() + Send + Sync + 'static {
        let ctx = self.ctx.clone();
        move || ctx.request_repaint()
    }

    /// Starts a job that waits for something.
    pub fn spawn(&self, work: impl Future<Output = Command> + Send + 'static) {
        let (done, ctx) = (self.done.clone(), self.ctx.clone());
        self.runtime.spawn(async move {
            // Fails only once the window is gone, and then nobody is waiting.
            done.send(work.await).ok();
            ctx.request_repaint();
        });
    }

    /// Starts a job that computes, or waits for the disk.
    pub fn spawn_blocking(&self, work: impl FnOnce() -> Command + Send + 'static) {
        let (done, ctx) = (self.done.clone(), self.ctx.clone());
        self.runtime.spawn_blocking(move || {
            // Fails only once the window is gone, and then nobody is waiting.
            done.send(work()).ok();
            ctx.request_repaint();
        });
    }

    /// What ended since it was last asked, in that order.
    pub fn finished(&self) -> Vec<Command> {
        self.finished.try_iter().collect()
    }
}
