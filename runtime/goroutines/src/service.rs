//! Threads of the runtime's own, which wake goroutines and run none: timers, the poller, the monitor, the pool for
//! calls that block. They are counted, so that the end of everything can be told.

use crate::fatal;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

static RUNNING: AtomicUsize = AtomicUsize::new(0);

struct Counted;

impl Drop for Counted {
    fn drop(&mut self) {
        RUNNING.fetch_sub(1, SeqCst);
    }
}

/// Starts a thread of the runtime's own.
///
/// # Errors
/// If the OS cannot start one.
pub(crate) fn start(name: &str, f: impl FnOnce() + Send + 'static) -> io::Result<()> {
    start_with_stack(name, 256 << 10, f)
}

/// As [`start`], with a stack of so many bytes.
///
/// # Errors
/// If the OS cannot start one.
pub(crate) fn start_with_stack(
    name: &str,
    stack_size: usize,
    f: impl FnOnce() + Send + 'static,
) -> io::Result<()> {
    RUNNING.fetch_add(1, SeqCst);
    let counted = Counted;
    let builder = std::thread::Builder::new().name(name.to_owned()).stack_size(stack_size);
    builder
        .spawn(move || {
            let _counted = counted;
            essential(f);
        })
        .map(drop)
}

/// Runs what a thread is for that goroutines cannot do without. If it panics they would wait for ever: the process ends.
pub(crate) fn essential(f: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(f)).is_err() {
        fatal::lost_thread();
    }
}

/// How many there are.
pub(crate) fn count() -> usize {
    RUNNING.load(SeqCst)
}
