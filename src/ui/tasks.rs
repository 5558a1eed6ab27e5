//! Background jobs that end in a command.
//!
//! A job never touches the window: it ends in a [`Command`], which the next frame
//! runs. Success and failure are both commands, so that each outcome is handled in
//! one place.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
    mpsc::{Receiver, Sender, channel},
};

use egui::Context;
use tokio::{runtime::Handle, task::JoinHandle};

use super::command::Command;

/// Starts jobs and collects what they end in.
#[derive(Debug)]
pub struct Tasks {
    runtime: Handle,
    ctx: Context,
    done: Sender<Command>,
    finished: Receiver<Command>,
    /// Jobs that were started and whose command was not taken yet.
    running: Arc<AtomicUsize>,
    /// What ended while somebody waited.
    kept: Vec<Command>,
}

/// A job that goes on by itself until it is dropped.
#[derive(Debug)]
pub struct Job(JoinHandle<()>);

impl Drop for Job {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Reports from a job that goes on by itself.
#[derive(Debug, Clone)]
pub struct Reports {
    done: Sender<Command>,
    ctx: Context,
}

impl Reports {
    /// Reports something; the next frame runs it.
    pub fn send(&self, command: Command) {
        // Fails only once the window is gone, and then nobody is waiting.
        self.done.send(command).ok();
        self.ctx.request_repaint();
    }
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
            running: Arc::default(),
            kept: Vec::new(),
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

    /// The window that jobs wake.
    pub fn context(&self) -> Context {
        self.ctx.clone()
    }

    /// Where a job that goes on by itself reports to.
    pub fn reports(&self) -> Reports {
        Reports {
            done: self.done.clone(),
            ctx: self.ctx.clone(),
        }
    }

    /// Starts a job that waits for something.
    pub fn spawn(&self, work: impl Future<Output = Command> + Send + 'static) {
        let (reports, running) = (self.reports(), Arc::clone(&self.running));
        running.fetch_add(1, Ordering::SeqCst);
        self.runtime.spawn(async move {
            let _ends = Ends(running);
            reports.send(work.await);
        });
    }

    /// Starts a job that computes, or waits for the disk.
    pub fn spawn_blocking(&self, work: impl FnOnce() -> Command + Send + 'static) {
        let (reports, running) = (self.reports(), Arc::clone(&self.running));
        running.fetch_add(1, Ordering::SeqCst);
        self.runtime.spawn_blocking(move || {
            let _ends = Ends(running);
            reports.send(work());
        });
    }

    /// Starts a job that goes on by itself and reports when there is something.
    pub fn spawn_job(&self, work: impl Future<Output = ()> + Send + 'static) -> Job {
        Job(self.runtime.spawn(work))
    }

    /// What ended since it was last asked, in that order.
    pub fn finished(&mut self) -> Vec<Command> {
        let mut finished = std::mem::take(&mut self.kept);
        finished.extend(self.finished.try_iter());
        finished
    }

    /// Waits until a running job ends; false if none runs and nothing ended.
    pub fn wait(&mut self) -> bool {
        loop {
            // Asked first: a job reports before it counts as ended.
            let is_running = self.running.load(Ordering::SeqCst) > 0;
            if let Ok(command) = self.finished.try_recv() {
                self.kept.push(command);
                return true;
            }
            if !is_running {
                return false;
            }
            std::thread::yield_now();
        }
    }
}

/// Counts a job as ended, even if it panics.
struct Ends(Arc<AtomicUsize>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
