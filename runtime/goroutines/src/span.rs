//! A `tracing` span for each goroutine, with the feature `tracing`; without it there is nothing here.
//!
//! The span is entered whenever the goroutine goes on, and left whenever it waits: what it tells is told within it, and
//! what others of its thread tell is not. It is a child of the span in which the goroutine was started, and is closed
//! when the goroutine ends. A span of the user's own that is entered across a wait is the thread's, not the
//! goroutine's, as it is the thread's across an `.await`.

#[cfg(feature = "tracing")]
mod told {
    use std::panic::Location;

    /// A goroutine's span.
    pub(crate) struct Span(tracing::Span);

    impl Span {
        pub fn new(id: u64, name: Option<&str>, started: Option<&'static Location<'static>>) -> Self {
            let started = started.map(tracing::field::display);
            Span(tracing::debug_span!(target: "gorace", "goroutine", id, name, started))
        }

        /// Does what runs the goroutine.
        pub fn during<R>(&self, run: impl FnOnce() -> R) -> R {
            self.0.in_scope(run)
        }
    }
}

#[cfg(not(feature = "tracing"))]
mod told {
    use std::panic::Location;

    /// Nothing.
    pub(crate) struct Span;

    impl Span {
        #[inline(always)]
        pub fn new(_id: u64, _name: Option<&str>, _started: Option<&'static Location<'static>>) -> Self {
            Span
        }

        /// Runs.
        #[inline(always)]
        pub fn during<R>(&self, run: impl FnOnce() -> R) -> R {
            run()
        }
    }
}

pub(crate) use told::Span;
