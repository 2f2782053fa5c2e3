//! `LazyLock`, with std's signatures.

use crate::sync::once_lock::OnceLock;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, PoisonError};

/// A value that is made on first use: [`std::sync::LazyLock`] for goroutines.
///
/// ```
/// use gorace_goroutines::sync::LazyLock;
/// static ANSWER: LazyLock<u32> = LazyLock::new(|| 6 * 7);
/// assert_eq!(*ANSWER, 42);
/// ```
pub struct LazyLock<T, F = fn() -> T> {
    value: OnceLock<T>,
    /// Taken by whoever makes the value; gone if that panicked. Locked for a moment only.
    init: Mutex<Option<F>>,
}

const POISONED: &str = "LazyLock instance has previously been poisoned";

impl<T, F: FnOnce() -> T> LazyLock<T, F> {
    /// Nothing is made yet.
    #[inline]
    pub const fn new(f: F) -> Self {
        LazyLock { value: OnceLock::new(), init: Mutex::new(Some(f)) }
    }

    /// The value, made now if it was not.
    ///
    /// # Panics
    /// If making it panics, and from then on.
    #[track_caller]
    #[inline]
    pub fn force(this: &Self) -> &T {
        this.value.get_or_init(|| this.make())
    }

    fn make(&self) -> T {
        let init = self.init.lock().unwrap_or_else(PoisonError::into_inner).take();
        match init {
            Some(init) => init(),
            None => panic!("{POISONED}"),
        }
    }
}

impl<T, F: FnOnce() -> T> Deref for LazyLock<T, F> {
    type Target = T;

    #[track_caller]
    #[inline]
    fn deref(&self) -> &T {
        LazyLock::force(self)
    }
}

impl<T, F: FnOnce() -> T> DerefMut for LazyLock<T, F> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        LazyLock::force(self);
        match self.value.get_mut() {
            Some(value) => value,
            None => unreachable!("the value was made just now"),
        }
    }
}

impl<T: Default> Default for LazyLock<T> {
    fn default() -> Self {
        LazyLock::new(T::default)
    }
}

impl<T: fmt::Debug, F> fmt::Debug for LazyLock<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value.get() {
            Some(value) => f.debug_tuple("LazyLock").field(value).finish(),
            None => f.write_str("LazyLock(<uninit>)"),
        }
    }
}
