//! Whether nothing can ever run again: `all goroutines are asleep - deadlock!`
//!
//! It is said only if it is certain: each OS thread of the process is a worker that sleeps, a thread of the
//! runtime's own, or parked here; nothing is ready; no timer is set, no socket waited for, no blocking call under way.
//! A thread that the runtime does not know might wake somebody: then nothing is said. Threads are counted on Linux;
//! elsewhere nothing is said either.

use crate::fatal;
use crate::os::threads;
use crate::sched::{SCHED, Worker};
use crate::task::parked_threads;
use crate::{blocking, net, registry, service, timers};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed, Ordering::SeqCst};

static MAIN_HAS_LEFT: AtomicBool = AtomicBool::new(false);

/// Main called `goexit`.
pub(crate) fn main_has_left() {
    MAIN_HAS_LEFT.store(true, SeqCst);
}

/// Everything that is certain to sleep, with numbers that change when any of it runs in between.
#[derive(PartialEq, Eq)]
struct Sleeping {
    threads: usize,
    picks: u64,
    parks: u64,
}

impl Sleeping {
    /// `None`: something may still run.
    fn look() -> Option<Sleeping> {
        let idle =
            |worker: &Worker| worker.is_asleep() && !worker.has_work() && worker.alarms.load(Relaxed) == 0;
        let (parked, parks) = parked_threads();
        let is_quiet = SCHED.workers().all(idle)
            && !SCHED.has_unstarted()
            && timers::pending() == 0
            && blocking::under_way() == 0
            && net::waiting() == 0;
        if !is_quiet {
            return None;
        }
        let picks = SCHED.workers().map(|worker| worker.picks.load(Relaxed)).sum();
        Some(Sleeping { threads: SCHED.workers().count() + service::count() + parked, picks, parks })
    }
}

/// Ends the process if nothing can ever run again.
pub(crate) fn look() {
    let before = Sleeping::look();
    // Two looks that agree: in between nothing ran, and so what they saw was true at one time.
    let (Some(before), Some(threads)) = (before, threads()) else { return };
    if before.threads != threads || Sleeping::look().as_ref() != Some(&before) {
        return;
    }
    let goroutines = registry::count();
    if goroutines == 0 && MAIN_HAS_LEFT.load(SeqCst) {
        fatal::no_goroutines();
    }
    if goroutines > 0 || before.parks > 0 {
        fatal::deadlock();
    }
}
