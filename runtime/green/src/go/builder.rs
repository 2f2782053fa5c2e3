//! `go::Builder`: name a goroutine, give it a stack size, or let it move; with the feature `goroutines`.

use crate::thread::{JoinHandle, start_with};

/// What a goroutine is to be like, before it is started. Inside an execution only its name counts.
///
/// ```
/// let deep = gorace::go::Builder::new().name("deep").stack_size(8 << 20).go(|| 1);
/// assert_eq!(deep.join().unwrap(), 1);
/// ```
#[derive(Debug, Default)]
#[must_use = "must eventually start the goroutine"]
pub struct Builder {
    name: Option<String>,
    inner: gorace_goroutines::Builder,
}

impl Builder {
    /// As [`go`](crate::go()) starts them.
    pub fn new() -> Self {
        Builder::default()
    }

    /// The goroutine's name, for reports and dumps.
    pub fn name(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self
    }

    /// The size of the stack in bytes of address space: memory is used where the stack was touched.
    pub fn stack_size(mut self, size: usize) -> Self {
        self.inner = self.inner.stack_size(size);
        self
    }

    /// Lets the goroutine go on on another OS thread than the one that it started on.
    ///
    /// # Safety
    /// As for [`gorace_goroutines::Builder::migratable`]; nor does the goroutine wait within the closure of a
    /// [`Shared`](crate::cell::Shared).
    pub unsafe fn migratable(mut self) -> Self {
        // SAFETY: the caller's promise.
        self.inner = unsafe { self.inner.migratable() };
        self
    }

    /// Starts the goroutine.
    ///
    /// # Panics
    /// If no worker could be started.
    #[track_caller]
    pub fn go<T: Send + 'static>(self, f: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
        start_with(self.inner, self.name, f)
    }
}
