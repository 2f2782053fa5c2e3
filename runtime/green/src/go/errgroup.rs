//! Goroutines that work on one task, as Go's `golang.org/x/sync/errgroup`: the first error is kept, and stops
//! the others.

use crate::Named as _;
use crate::chan::Chan;
use crate::context::{self, CancelCause, Cause, Ctx};
use crate::go::WaitGroup;
use crate::go::behalf::on_behalf;
use crate::sync::OnceLock;
use std::fmt;
use std::panic::Location;
use std::sync::{Arc, Mutex, PoisonError};

/// Goroutines whose first error counts. A clone is the same group.
///
/// ```
/// use gorace::go::errgroup::Group;
/// let group = Group::new();
/// for url in ["a", "b", "c"] {
///     group.go(move || if url == "b" { Err(format!("no such host: {url}")) } else { Ok(()) });
/// }
/// assert_eq!(group.wait().unwrap_err().to_string(), "no such host: b");
/// ```
#[derive(Clone)]
pub struct Group(Arc<Inner>);

struct Inner {
    running: WaitGroup,
    first: OnceLock<Cause>,
    cancel: Option<CancelCause>,
    /// One value for each goroutine that runs, if their number is limited.
    places: Mutex<Option<Chan<()>>>,
}

impl Group {
    /// A group whose goroutines stop each other by nothing but their results.
    #[track_caller]
    #[must_use]
    #[inline]
    pub fn new() -> Group {
        Group::with(None)
    }

    /// A group and a context below `ctx`, which is cancelled when a goroutine returns the first error, and when
    /// [`wait`](Group::wait) returns.
    ///
    /// ```
    /// use gorace::{context, go::errgroup::Group};
    /// let (group, ctx) = Group::with_context(&context::background());
    /// let theirs = ctx.clone();
    /// group.go(move || { theirs.done().recv(); Ok::<(), String>(()) });
    /// group.go(|| Err("no space left"));
    /// assert_eq!(group.wait().unwrap_err().to_string(), "no space left");
    /// assert_eq!(ctx.cause().unwrap().to_string(), "no space left");
    /// ```
    #[track_caller]
    #[must_use]
    #[inline]
    pub fn with_context(ctx: &Ctx) -> (Group, Ctx) {
        let (ctx, cancel) = context::with_cancel_cause(ctx);
        (Group::with(Some(cancel)), ctx)
    }

    #[track_caller]
    #[inline]
    fn with(cancel: Option<CancelCause>) -> Group {
        Group(Arc::new(Inner {
            running: WaitGroup::new(),
            first: OnceLock::new().named("the first error"),
            cancel,
            places: Mutex::new(None),
        }))
    }

    /// Starts a goroutine; waits for its place first if the group has a [limit](Group::set_limit).
    #[track_caller]
    #[inline]
    pub fn go<E>(&self, f: impl FnOnce() -> Result<(), E> + Send + 'static)
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let places = self.places();
        if let Some(places) = &places {
            places.send(());
        }
        self.0.running.add(1);
        let running = Running { group: self.clone(), places, started: Location::caller() };
        drop(crate::go(move || {
            if let Err(error) = f() {
                on_behalf(running.started, || running.group.fail(error.into().into()));
            }
            drop(running);
        }));
    }

    /// Waits for all goroutines, and gives the first error.
    ///
    /// # Errors
    /// The first that a goroutine returned.
    #[track_caller]
    #[inline]
    pub fn wait(&self) -> Result<(), Cause> {
        self.0.running.wait();
        let first = self.0.first.get().cloned();
        if let Some(cancel) = &self.0.cancel {
            cancel.cancel_for(first.clone());
        }
        first.map_or(Ok(()), Err)
    }

    /// Lets no more than `n` goroutines run at a time; a negative `n` lets any number. With 0, none can start.
    ///
    /// ```
    /// let group = gorace::go::errgroup::Group::new();
    /// group.set_limit(2);
    /// for _ in 0..5 {
    ///     group.go(|| Ok::<(), String>(()));
    /// }
    /// group.wait().unwrap();
    /// ```
    ///
    /// # Panics
    /// `errgroup: modify limit while .. goroutines in the group are still active`.
    #[track_caller]
    #[inline]
    pub fn set_limit(&self, n: isize) {
        let active = self.places().map_or(0, |places| places.len());
        assert!(
            active == 0,
            "errgroup: modify limit while {active} goroutines in the group are still active"
        );
        let places = usize::try_from(n).ok().map(Chan::new);
        *self.0.places.lock().unwrap_or_else(PoisonError::into_inner) = places;
    }

    #[inline]
    fn places(&self) -> Option<Chan<()>> {
        self.0.places.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    #[inline]
    fn fail(&self, error: Cause) {
        if self.0.first.set(error.clone()).is_ok()
            && let Some(cancel) = &self.0.cancel
        {
            cancel.cancel_for(Some(error));
        }
    }
}

/// One goroutine of a group: what is to be done when it is over, even by a panic.
struct Running {
    group: Group,
    places: Option<Chan<()>>,
    /// Where it was started: the place of what the group does for it.
    started: &'static Location<'static>,
}

impl Drop for Running {
    #[inline]
    fn drop(&mut self) {
        on_behalf(self.started, || {
            if let Some(places) = &self.places {
                places.recv();
            }
            self.group.0.running.done();
        });
    }
}

impl Default for Group {
    #[track_caller]
    #[inline]
    fn default() -> Self {
        Group::new()
    }
}

impl fmt::Debug for Group {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Group").finish_non_exhaustive()
    }
}
