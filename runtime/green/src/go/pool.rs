//! `go::Pool`: Go's `sync.Pool`.

use crate::sync::Mutex;
use std::fmt;
use std::sync::{Arc, PoisonError};

/// Go's `sync.Pool`: values to be used again. Unlike Go's it never throws one away by itself.
///
/// Which value [`get`](Pool::get) gives is not explored: it is the one that was put back last, and a new one only if there
/// is none. Go promises no relation between what is put and what is got: "Get may choose to ignore the pool and treat it as
/// empty". What is wrong only with another value, or with a new one, is not found.
///
/// ```
/// let pool = gorace::go::Pool::new(|| Vec::<u8>::with_capacity(64));
/// let mut buffer = pool.get();
/// buffer.push(1);
/// buffer.clear();
/// pool.put(buffer);
/// ```
pub struct Pool<T>(Arc<Inner<T>>);

struct Inner<T> {
    values: Mutex<Vec<T>>,
    new: Box<dyn Fn() -> T + Send + Sync>,
}

impl<T> Pool<T> {
    /// An empty pool that makes values by `new`.
    #[track_caller]
    #[must_use]
    #[inline]
    pub fn new(new: impl Fn() -> T + Send + Sync + 'static) -> Self {
        Pool(Arc::new(Inner { values: Mutex::new(Vec::new()), new: Box::new(new) }))
    }

    /// A value that was put back, or a new one.
    #[track_caller]
    #[must_use]
    #[inline]
    pub fn get(&self) -> T {
        let value = self.0.values.lock().unwrap_or_else(PoisonError::into_inner).pop();
        value.unwrap_or_else(|| (self.0.new)())
    }

    /// Puts a value back.
    #[track_caller]
    #[inline]
    pub fn put(&self, value: T) {
        self.0.values.lock().unwrap_or_else(PoisonError::into_inner).push(value);
    }
}

impl<T> Clone for Pool<T> {
    #[inline]
    fn clone(&self) -> Self {
        Pool(self.0.clone())
    }
}

impl<T> fmt::Debug for Pool<T> {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").finish_non_exhaustive()
    }
}
