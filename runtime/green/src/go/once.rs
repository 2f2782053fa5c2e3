//! `go::Once`: Go's `sync.Once`.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

/// Go's `sync.Once`: a call whose function panics counts as done.
///
/// ```
/// let once = gorace::go::Once::new();
/// let mut runs = 0;
/// once.call_once(|| runs += 1);
/// once.call_once(|| runs += 1);
/// assert_eq!(runs, 1);
/// ```
#[derive(Clone)]
pub struct Once(Arc<crate::sync::Once>);

impl Once {
    /// Nothing has run.
    #[track_caller]
    #[must_use]
    #[inline]
    pub fn new() -> Self {
        Once(Arc::new(crate::sync::Once::new()))
    }

    /// Runs `f` if nothing has run yet; returns when it has, whoever ran it.
    ///
    /// # Panics
    /// If `f` does, for its caller alone.
    #[track_caller]
    #[inline]
    pub fn call_once(&self, f: impl FnOnce()) {
        let mut panicked = None;
        self.0.call_once(|| {
            panicked = catch_unwind(AssertUnwindSafe(f)).err();
        });
        if let Some(payload) = panicked {
            resume_unwind(payload);
        }
    }
}

impl Default for Once {
    #[track_caller]
    #[inline]
    fn default() -> Self {
        Once::new()
    }
}

impl fmt::Debug for Once {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Once").finish_non_exhaustive()
    }
}
