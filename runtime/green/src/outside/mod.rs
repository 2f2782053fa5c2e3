//! What waits outside of executions is made of: std's types, or with the feature `goroutines` those of the M:N runtime,
//! which park the goroutine and work from plain threads too.
//!
//! Whatever can wait in this crate is named by this module, so that there is one place to swap.

#[cfg(feature = "goroutines")]
mod green_threads;
#[cfg(not(feature = "goroutines"))]
mod os_threads;

#[cfg(feature = "goroutines")]
pub(crate) use green_threads::{
    Key, Parker, RawMutex, Shared, Start, count, goroutine_id, run_main, set_alarm, start, sync, take_back,
    thread, wait_for_ever,
};
#[cfg(not(feature = "goroutines"))]
pub(crate) use os_threads::{
    Key, Parker, RawMutex, Shared, Start, count, goroutine_id, run_main, set_alarm, start, sync, take_back,
    thread, wait_for_ever,
};

/// What somebody waits for at a channel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Waits {
    /// A value.
    Recv,
    /// A receiver, or room.
    Send,
    /// One of several.
    Select,
}
