//! `Once`, with std's signatures and poisoning.

use crate::reason::Reason;
use crate::sync::line::Line;
use std::fmt;
use std::sync::atomic::{AtomicU8, Ordering::AcqRel, Ordering::Acquire, Ordering::Release};

/// Runs something once, whoever comes first: [`std::sync::Once`] for goroutines.
///
/// ```
/// let once = gorace_goroutines::sync::Once::new();
/// let mut runs = 0;
/// once.call_once(|| runs += 1);
/// once.call_once(|| runs += 1);
/// assert_eq!(runs, 1);
/// ```
pub struct Once {
    state: AtomicU8,
    line: Line,
}

/// What [`Once::call_once_force`] tells its closure.
pub struct OnceState {
    poisoned: bool,
}

const NEW: u8 = 0;
const POISONED: u8 = 1;
const RUNNING: u8 = 2;
const DONE: u8 = 3;

const POISONED_WORDS: &str = "Once instance has previously been poisoned";

/// Who runs it; what is left behind if that unwinds.
struct Runs<'a> {
    once: &'a Once,
    ends_as: u8,
}

impl Drop for Runs<'_> {
    fn drop(&mut self) {
        self.once.state.store(self.ends_as, Release);
        if !self.once.line.is_empty() {
            self.once.line.wake_all();
        }
    }
}

impl Once {
    /// Nothing has run.
    #[inline]
    pub const fn new() -> Self {
        Once { state: AtomicU8::new(NEW), line: Line::new() }
    }

    /// Runs `f` if nobody has yet; returns when it has run, whoever ran it.
    ///
    /// # Panics
    /// If `f` panics, and from then on: the `Once` is poisoned.
    #[track_caller]
    #[inline]
    pub fn call_once<F: FnOnce()>(&self, f: F) {
        if !self.is_completed() {
            self.call(false, POISONED, |_| f());
        }
    }

    /// As [`Once::call_once`], also if it is poisoned; the closure is told whether it was.
    #[track_caller]
    #[inline]
    pub fn call_once_force<F: FnOnce(&OnceState)>(&self, f: F) {
        if !self.is_completed() {
            self.call(true, POISONED, f);
        }
    }

    /// As [`Once::call_once`], but if `f` panics, the next one tries anew.
    #[track_caller]
    pub(crate) fn call_until_done(&self, f: impl FnOnce()) {
        if !self.is_completed() {
            self.call(true, NEW, |_| f());
        }
    }

    #[cold]
    #[track_caller]
    fn call(&self, force: bool, after_panic: u8, f: impl FnOnce(&OnceState)) {
        loop {
            let state = self.state.load(Acquire);
            match state {
                DONE => return,
                POISONED if !force => panic!("{POISONED_WORDS}"),
                RUNNING => self.wait_while_running(),
                _ => {
                    if self.state.compare_exchange(state, RUNNING, AcqRel, Acquire).is_ok() {
                        let mut runs = Runs { once: self, ends_as: after_panic };
                        f(&OnceState { poisoned: state == POISONED });
                        runs.ends_as = DONE;
                        return;
                    }
                }
            }
        }
    }

    #[track_caller]
    fn wait_while_running(&self) {
        self.wait_until_not(|state| state == RUNNING);
    }

    #[track_caller]
    fn wait_until_not(&self, goes_on: impl Fn(u8) -> bool) {
        let waiter = self.line.enter(());
        if goes_on(self.state.load(Acquire)) {
            waiter.wait(Reason::Semacquire);
        } else {
            self.line.leave(&waiter);
        }
    }

    /// Whether it has run to its end.
    #[inline]
    pub fn is_completed(&self) -> bool {
        self.state.load(Acquire) == DONE
    }

    /// Waits until it has run.
    ///
    /// # Panics
    /// If it is poisoned.
    #[track_caller]
    pub fn wait(&self) {
        loop {
            match self.state.load(Acquire) {
                DONE => return,
                POISONED => panic!("{POISONED_WORDS}"),
                _ => self.wait_until_not(|state| state == RUNNING || state == NEW),
            }
        }
    }

    /// Waits until it has run, past any poison.
    #[track_caller]
    pub fn wait_force(&self) {
        while !self.is_completed() {
            self.wait_until_not(|state| state != DONE);
        }
    }
}

impl OnceState {
    /// Whether the last attempt panicked.
    #[must_use]
    pub fn is_poisoned(&self) -> bool {
        self.poisoned
    }
}

impl Default for Once {
    fn default() -> Self {
        Once::new()
    }
}

impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Once").finish_non_exhaustive()
    }
}

impl fmt::Debug for OnceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnceState").field("poisoned", &self.poisoned).finish()
    }
}
