//! `thread_local!` and `LocalKey`, with std's signatures: one value a task inside an execution, one a thread
//! outside.

use crate::inside::context::inside;
use crate::inside::locals;
use std::cell::{Cell, RefCell};
use std::fmt;

/// A key to a value that each thread, or task, has of its own; made by [`thread_local!`](crate::thread_local!).
pub struct LocalKey<T: 'static> {
    outside: &'static std::thread::LocalKey<T>,
    init: fn() -> T,
}

/// The value was destroyed already.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct AccessError;

impl fmt::Display for AccessError {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("already destroyed")
    }
}

impl std::error::Error for AccessError {}

impl<T: 'static> LocalKey<T> {
    #[doc(hidden)]
    #[inline]
    pub const fn new(outside: &'static std::thread::LocalKey<T>, init: fn() -> T) -> Self {
        LocalKey { outside, init }
    }

    /// Runs `f` with the current thread's value, which is made on first use.
    ///
    /// # Panics
    /// If the value was destroyed: in a destructor that runs at the end of the thread.
    #[track_caller]
    #[inline]
    pub fn with<R>(&'static self, f: impl FnOnce(&T) -> R) -> R {
        match self.try_with(f) {
            Ok(result) => result,
            Err(error) => {
                panic!("cannot access a Thread Local Storage value during or after destruction: {error:?}")
            }
        }
    }

    /// As [`LocalKey::with`].
    ///
    /// # Errors
    /// If the value was destroyed.
    #[inline]
    pub fn try_with<R>(&'static self, f: impl FnOnce(&T) -> R) -> Result<R, AccessError> {
        let Some(inside) = inside() else { return self.outside.try_with(f).map_err(|_| AccessError) };
        let key = std::ptr::from_ref(self).addr();
        Ok(f(&*locals::value(inside, key, self.init).ok_or(AccessError)?))
    }
}

impl<T: 'static> LocalKey<Cell<T>> {
    /// Sets the value.
    #[inline]
    pub fn set(&'static self, value: T) {
        self.with(|cell| cell.set(value));
    }

    /// A copy of the value.
    #[inline]
    pub fn get(&'static self) -> T
    where
        T: Copy,
    {
        self.with(Cell::get)
    }

    /// Takes the value and leaves the default.
    #[inline]
    pub fn take(&'static self) -> T
    where
        T: Default,
    {
        self.with(Cell::take)
    }

    /// Puts another value in its place.
    #[inline]
    pub fn replace(&'static self, value: T) -> T {
        self.with(|cell| cell.replace(value))
    }
}

impl<T: 'static> LocalKey<RefCell<T>> {
    /// Looks at the value.
    #[inline]
    pub fn with_borrow<R>(&'static self, f: impl FnOnce(&T) -> R) -> R {
        self.with(|cell| f(&cell.borrow()))
    }

    /// Changes the value in place.
    #[inline]
    pub fn with_borrow_mut<R>(&'static self, f: impl FnOnce(&mut T) -> R) -> R {
        self.with(|cell| f(&mut cell.borrow_mut()))
    }

    /// Sets the value.
    #[inline]
    pub fn set(&'static self, value: T) {
        self.with(|cell| *cell.borrow_mut() = value);
    }

    /// Takes the value and leaves the default.
    #[inline]
    pub fn take(&'static self) -> T
    where
        T: Default,
    {
        self.with(RefCell::take)
    }

    /// Puts another value in its place.
    #[inline]
    pub fn replace(&'static self, value: T) -> T {
        self.with(|cell| cell.replace(value))
    }
}

impl<T: 'static> fmt::Debug for LocalKey<T> {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalKey").finish_non_exhaustive()
    }
}
