//! Who sleeps for want of work, and the protocol by which no wake-up is lost.
//!
//! Whoever makes work calls [`Sleepers::wake_one`] behind it; whoever finds none stands in line, looks once more,
//! and only then sleeps. One of the two sees the other. At most one worker is woken at a time: as long as one
//! searches, the next need not be woken, and the last that stops searching with work in hand wakes the next.
//! Go's scheduler does it so.

use crate::prim::Mutex;
use crate::prim::atomic::{AtomicUsize, Ordering::SeqCst, fence};
use std::sync::PoisonError;

/// The workers that sleep, by number, and how many search.
pub(crate) struct Sleepers {
    line: Mutex<Vec<usize>>,
    /// The line's length, to be read without its lock.
    sleeping: AtomicUsize,
    searching: AtomicUsize,
}

impl Sleepers {
    /// Nobody sleeps, nobody searches.
    pub const fn new() -> Self {
        Sleepers {
            line: Mutex::new(Vec::new()),
            sleeping: AtomicUsize::new(0),
            searching: AtomicUsize::new(0),
        }
    }

    /// There is new work: who is to be woken for it, if anybody. It counts as searching from now on.
    pub fn wake_one(&self) -> Option<usize> {
        // Behind the work that the caller has made; the other half is in `stand_in_line`.
        fence(SeqCst);
        if self.sleeping.load(SeqCst) == 0 || self.searching.load(SeqCst) > 0 {
            return None;
        }
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        // Another one that made work may have been faster.
        if self.searching.load(SeqCst) > 0 {
            return None;
        }
        let woken = line.pop()?;
        self.sleeping.store(line.len(), SeqCst);
        self.searching.fetch_add(1, SeqCst);
        Some(woken)
    }

    /// The caller begins to search.
    pub fn search(&self) {
        self.searching.fetch_add(1, SeqCst);
    }

    /// The caller found nothing and stops searching, without standing in line: nobody wakes it, and it searches again soon.
    pub fn nap(&self) {
        self.searching.fetch_sub(1, SeqCst);
    }

    /// The caller found work and stops searching. `true`: nobody searches any more, so wake the next.
    #[must_use = "the last that searches wakes the next"]
    pub fn found(&self) -> bool {
        self.searching.fetch_sub(1, SeqCst) == 1
    }

    /// `me`, which searched and found nothing, stands in line. It must look for work once more before it sleeps.
    pub fn stand_in_line(&self, me: usize) {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        line.push(me);
        self.sleeping.store(line.len(), SeqCst);
        // In this order: whoever sees nobody search sees `me` sleep.
        self.searching.fetch_sub(1, SeqCst);
        fence(SeqCst);
    }

    /// `me` leaves the line by itself and searches again; `false`: it was woken meanwhile, and counts as searching
    /// for that.
    pub fn leave_line(&self, me: usize) -> bool {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(at) = line.iter().position(|other| *other == me) else { return false };
        line.swap_remove(at);
        self.sleeping.store(line.len(), SeqCst);
        self.searching.fetch_add(1, SeqCst);
        true
    }
}
