//! What makes operations take the long way: kept so that each of them looks at one byte.

use crate::inside::stack::is_touched;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// See the module.
#[derive(Default)]
pub(crate) struct Special {
    tearing_down: bool,
    backtraces: bool,
    /// How many tasks do something on another line's behalf.
    behalves: u32,
    /// Whether there is any of these, or an open reserve, which a signal handler says.
    pub(super) any: AtomicBool,
}

impl Special {
    /// Whether operations are perhaps answered without the engine, their places are not simply the callers', or stacks
    /// have perhaps overflowed.
    #[inline(always)]
    pub fn is_now(&self) -> bool {
        self.any.load(Relaxed)
    }

    /// Whether the execution is over and its tasks are being unwound.
    #[inline(always)]
    pub fn tearing_down(&self) -> bool {
        self.tearing_down
    }

    /// Whether to take a backtrace where the place is not known otherwise.
    #[inline(always)]
    pub fn backtraces(&self) -> bool {
        self.backtraces
    }

    pub fn set_tearing_down(&mut self, tearing_down: bool) {
        self.tearing_down = tearing_down;
        self.look();
    }

    pub fn set_backtraces(&mut self, backtraces: bool) {
        self.backtraces = backtraces;
        self.look();
    }

    /// A task does something on another line's behalf now, or did before, or both.
    pub fn change_behalf(&mut self, before: bool, now: bool) {
        self.behalves = self.behalves + u32::from(now) - u32::from(before);
        self.look();
    }

    /// A new execution: nobody does anything yet.
    pub fn begin(&mut self) {
        (self.tearing_down, self.behalves) = (false, 0);
        self.look();
    }

    fn look(&self) {
        let any = self.tearing_down | self.backtraces | (self.behalves > 0);
        self.any.store(any, Relaxed);
        // Only then, since this call may be what opens a reserve.
        if is_touched() {
            self.any.store(true, Relaxed);
        }
    }
}
