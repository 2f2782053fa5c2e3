//! `OnceLock`, with std's signatures.
//!
//! The value lies in std's own; who waits for it to be made waits here.

use crate::sync::once::Once;
use std::fmt;

/// A value that is set once: [`std::sync::OnceLock`] for goroutines.
///
/// ```
/// use gorace_goroutines::sync::OnceLock;
/// static NAME: OnceLock<String> = OnceLock::new();
/// assert_eq!(NAME.get_or_init(|| "gorace".to_owned()), "gorace");
/// ```
pub struct OnceLock<T> {
    once: Once,
    value: std::sync::OnceLock<T>,
}

impl<T> OnceLock<T> {
    /// An empty one.
    #[inline]
    pub const fn new() -> Self {
        OnceLock { once: Once::new(), value: std::sync::OnceLock::new() }
    }

    /// The value, if it is set.
    #[inline]
    pub fn get(&self) -> Option<&T> {
        self.value.get()
    }

    /// The value, without a look at others: `&mut self` proves that there are none.
    #[inline]
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.value.get_mut()
    }

    /// Sets the value, if it is not set; waits for whoever is setting it.
    ///
    /// # Errors
    /// The value given back, if one was set.
    #[track_caller]
    pub fn set(&self, value: T) -> Result<(), T> {
        let mut value = Some(value);
        self.get_or_init(|| match value.take() {
            Some(value) => value,
            None => unreachable!("a value is set once"),
        });
        value.map_or(Ok(()), Err)
    }

    /// The value, which `f` makes if it is not set. If `f` panics, the next one tries.
    #[track_caller]
    #[inline]
    pub fn get_or_init<F: FnOnce() -> T>(&self, f: F) -> &T {
        match self.value.get() {
            Some(value) => value,
            None => self.make(f),
        }
    }

    #[cold]
    #[track_caller]
    fn make<F: FnOnce() -> T>(&self, f: F) -> &T {
        self.once.call_until_done(|| {
            let value = f();
            // Nobody else gets here.
            let _ = self.value.set(value);
        });
        match self.value.get() {
            Some(value) => value,
            None => unreachable!("it was made just now"),
        }
    }

    /// Waits until the value is set.
    #[track_caller]
    pub fn wait(&self) -> &T {
        self.once.wait_force();
        match self.value.get() {
            Some(value) => value,
            None => unreachable!("it is set before that is said"),
        }
    }

    /// The value.
    #[inline]
    pub fn into_inner(self) -> Option<T> {
        self.value.into_inner()
    }

    /// Takes the value out, which leaves it empty.
    #[inline]
    pub fn take(&mut self) -> Option<T> {
        self.once = Once::new();
        self.value.take()
    }
}

impl<T> Default for OnceLock<T> {
    fn default() -> Self {
        OnceLock::new()
    }
}

impl<T> From<T> for OnceLock<T> {
    fn from(value: T) -> Self {
        let this = OnceLock::new();
        let _ = this.set(value);
        this
    }
}

impl<T: Clone> Clone for OnceLock<T> {
    fn clone(&self) -> Self {
        self.get().map_or_else(OnceLock::new, |value| OnceLock::from(value.clone()))
    }
}

impl<T: PartialEq> PartialEq for OnceLock<T> {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl<T: Eq> Eq for OnceLock<T> {}

impl<T: fmt::Debug> fmt::Debug for OnceLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.value, f)
    }
}
