//! What Go's `runtime` asks and sets: counts, the number of workers, threads for one goroutine alone.

use crate::sched::{SCHED, local};
use crate::{blocking, main_goroutine, monitor, registry, stack, timers};
use std::sync::atomic::Ordering::{Relaxed, SeqCst};

/// How many goroutines have been started and have not ended, main among them, goroutine or not.
#[must_use]
pub fn num_goroutine() -> usize {
    registry::count() + usize::from(!main_goroutine::is_goroutine())
}

/// Sets how many workers run goroutines at once and gives the setting before; 0 asks and changes nothing.
///
/// A process begins with `GOMAXPROCS`, else with the number of its processors; no more than 512 are obeyed. What has
/// started on a worker that is not needed any more is run by it to its end.
pub fn gomaxprocs(n: usize) -> usize {
    let before = SCHED.limit();
    if n > 0 {
        SCHED.set_limit(n);
    }
    before
}

/// Keeps others that have not started off the calling goroutine's OS thread, until [`unlock_os_thread`] was called as
/// often. Another thread takes them.
///
/// The goroutine stays on its thread anyhow. What has started on that thread before goes on there beside it.
pub fn lock_os_thread() {
    if let Some(local) = local::local() {
        local.worker.locks.fetch_add(1, SeqCst);
        if local.worker.is_active.swap(false, SeqCst) {
            monitor::adjust();
        }
    }
}

/// Takes back one [`lock_os_thread`].
pub fn unlock_os_thread() {
    if let Some(local) = local::local() {
        let locks = &local.worker.locks;
        let _ = locks.fetch_update(SeqCst, SeqCst, |locks| locks.checked_sub(1));
        monitor::adjust();
    }
}

/// Figures of the runtime, all of one moment as far as one look can be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Stats {
    /// Goroutines that have been started and have not ended.
    pub goroutines: usize,
    /// Workers: threads that run goroutines.
    pub workers: usize,
    /// Workers that take what has not started.
    pub active_workers: usize,
    /// Goroutines resumed since the process began.
    pub switches: u64,
    /// How often a worker was stuck for ten milliseconds or longer, and another one took its place.
    pub replaced_workers: u64,
    /// Alarms that are set.
    pub timers: usize,
    /// Calls of `blocking` under way.
    pub blocking_calls: usize,
    /// Bytes of address space reserved for stacks.
    pub stack_bytes_reserved: usize,
}

/// Figures of the runtime.
#[must_use]
pub fn stats() -> Stats {
    let active = |worker: &&crate::sched::Worker| worker.is_active.load(Relaxed);
    Stats {
        goroutines: registry::count(),
        workers: SCHED.workers().count(),
        active_workers: SCHED.workers().filter(active).count(),
        switches: SCHED.workers().map(|worker| worker.picks.load(Relaxed)).sum(),
        replaced_workers: monitor::replaced(),
        timers: timers::pending() + SCHED.workers().map(|worker| worker.alarms.load(Relaxed)).sum::<usize>(),
        blocking_calls: blocking::under_way(),
        stack_bytes_reserved: stack::reserved(),
    }
}

/// What each goroutine waits for and where, as Go prints it when a program dies; the first hundred.
#[must_use]
pub fn dump() -> String {
    crate::fatal::dump()
}
