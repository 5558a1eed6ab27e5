//! Background jobs that end in a command.
//!
//! A job never touches the window: it ends in a [`Command`], which the next frame
//! runs. Success and failure are both commands, so that each outcome is handled in
//! one place.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    time::{Duration, Instant},
};

use egui::Context;
use tokio::{runtime::Handle, task::JoinHandle};

use super::command::Command;

/// A stream that publishes by itself wakes the window at most this often: a person
/// reads no faster, and the graph's widget makes three pictures of each.
const WAKE_EVERY: Duration = Duration::from_millis(500);
/// Soon, and for one picture: at once would mean two of them.
const SOON: Duration = Duration::from_millis(1);

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

    /// Wakes the window, a few times a second at most; for streams that publish by
    /// themselves.
    pub fn waker(&self) -> impl Fn() + Send + Sync + 'static {
        let ctx = self.ctx.clone();
        let last = Mutex::new(None);
        move || {
            let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            if let Some(wait) = until_woken(*last, now) {
                *last = Some(now + wait);
                ctx.request_repaint_after(wait.max(SOON));
            }
        }
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

/// How long until the window is to be woken, if it was last woken then or will be;
/// `None` if that is still to come.
fn until_woken(last: Option<Instant>, now: Instant) -> Option<Duration> {
    match last {
        Some(last) if last > now => None,
        Some(last) => Some((last + WAKE_EVERY).saturating_duration_since(now)),
        None => Some(Duration::ZERO),
    }
}

/// Counts a job as ended, even if it panics.
struct Ends(Arc<AtomicUsize>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::until_woken;

    #[test]
    fn whoever_publishes_often_wakes_the_window_twice_a_second() {
        let start = Instant::now();
        let mut last = None;
        let mut woken = Vec::new();
        for millis in (0..2_000).step_by(20) {
            let now = start + Duration::from_millis(millis);
            if let Some(wait) = until_woken(last, now) {
                last = Some(now + wait);
                woken.push(now + wait);
            }
        }
        assert_eq!(woken[0], start, "the first news is not held back");
        let gaps = woken.windows(2).map(|it| it[1] - it[0]);
        assert!(gaps.min() >= Some(Duration::from_millis(500)), "{woken:?}");
        assert!(
            woken[woken.len() - 1] >= start + Duration::from_millis(1_980),
            "and the last is not forgotten"
        );
    }
}
