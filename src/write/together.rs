//! Looks at many files on several threads: comparing a large folder is mostly waiting for
//! the operating system, file by file.

use std::{
    ops::ControlFlow,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use super::{Progress, WriteError};

/// Items between two reports of how far it is, and what a thread takes at once.
const PART: usize = 64;
/// More threads only wait for each other in the file system.
const MOST_THREADS: usize = 8;

/// The outcome of each item, in their order. Each thread makes a state of its own.
///
/// The error is that of the first item that has one. Only the calling thread reports.
pub(super) fn map<T: Sync, R: Send, S>(
    items: &[T],
    progress: Progress<'_>,
    new_state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, &T) -> Result<R, WriteError> + Sync,
) -> Result<Vec<R>, WriteError> {
    if progress(0, items.len()).is_break() {
        return Err(WriteError::Stopped);
    }
    let parts: Vec<&[T]> = items.chunks(PART).collect();
    let (next, done, is_over) = (
        AtomicUsize::new(0),
        AtomicUsize::new(0),
        AtomicBool::new(false),
    );
    let outcomes = Mutex::new(Vec::with_capacity(parts.len()));
    // Parts are taken in order and each is finished, so that of two errors the first is told.
    let take_parts = |report: &dyn Fn() -> ControlFlow<()>| {
        let mut state = new_state();
        while !is_over.load(Ordering::Relaxed) {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(part) = parts.get(number) else {
                return;
            };
            let outcome: Result<Vec<R>, WriteError> = if report().is_break() {
                Err(WriteError::Stopped)
            } else {
                part.iter().map(|it| work(&mut state, it)).collect()
            };
            if outcome.is_err() {
                is_over.store(true, Ordering::Relaxed);
            }
            done.fetch_add(part.len(), Ordering::Relaxed);
            let mut outcomes = outcomes.lock().unwrap_or_else(PoisonError::into_inner);
            outcomes.push((number, outcome));
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let others = threads.min(MOST_THREADS).min(parts.len()).saturating_sub(1);
    thread::scope(|scope| {
        for _ in 0..others {
            scope.spawn(|| take_parts(&|| ControlFlow::Continue(())));
        }
        take_parts(&|| progress(done.load(Ordering::Relaxed), items.len()));
    });
    let mut outcomes = outcomes
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    outcomes.sort_by_key(|(number, _)| *number);
    let mut all = Vec::with_capacity(items.len());
    for (_, outcome) in outcomes {
        all.append(&mut outcome?);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, ops::ControlFlow};

    use super::{PART, map};
    use crate::write::{WriteError, quietly};

    fn failing(number: usize) -> WriteError {
        WriteError::Changed {
            path: number.to_string(),
        }
    }

    #[test]
    fn outcomes_are_in_the_order_of_the_items() {
        let items: Vec<usize> = (0..PART * 9 + 5).collect();
        let all = map(&items, &quietly, || (), |(), it| Ok(it * 2)).unwrap();
        assert_eq!(all, items.iter().map(|it| it * 2).collect::<Vec<_>>());
    }

    #[test]
    fn the_first_of_two_errors_is_told() {
        let items: Vec<usize> = (0..PART * 9).collect();
        for _ in 0..20 {
            let all = map(
                &items,
                &quietly,
                || (),
                |(), it| match *it {
                    it if it == PART * 2 + 3 || it == PART * 3 => Err(failing(it)),
                    it => Ok(it),
                },
            );
            let error = all.unwrap_err();
            assert!(
                matches!(&error, WriteError::Changed { path } if *path == (PART * 2 + 3).to_string()),
                "{error}"
            );
        }
    }

    #[test]
    fn asked_to_stop_it_looks_at_nothing() {
        let items = vec![0; PART * 1_000];
        let asked = Cell::new(0);
        let progress = |_, total| {
            assert_eq!(total, items.len());
            asked.set(asked.get() + 1);
            ControlFlow::Break(())
        };
        let error = map(&items, &progress, || (), |(), it| Ok(*it)).unwrap_err();
        assert!(matches!(error, WriteError::Stopped), "{error}");
        assert_eq!(asked.get(), 1);
    }
}
