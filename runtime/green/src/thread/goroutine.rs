//! What `go!` starts, and how many of them there are outside of executions.

use crate::runtime::Goexit;
use crate::thread::{Builder, JoinHandle};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The goroutines of the process that are OS threads and have not ended.
static LIVING: Mutex<usize> = Mutex::new(0);
static ENDED: Condvar = Condvar::new();

#[inline]
fn living() -> MutexGuard<'static, usize> {
    LIVING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How many goroutines there are outside of executions, main left out.
#[inline]
pub(crate) fn goroutines() -> usize {
    *living()
}

/// Waits until no goroutine is left.
#[inline]
fn wait_for_goroutines() {
    let mut number = living();
    while *number > 0 {
        number = ENDED.wait(number).unwrap_or_else(PoisonError::into_inner);
    }
}

/// One goroutine, counted for as long as this lives.
struct Counted;

impl Counted {
    #[inline]
    fn new() -> Self {
        *living() += 1;
        Counted
    }
}

impl Drop for Counted {
    #[inline]
    fn drop(&mut self) {
        *living() -= 1;
        ENDED.notify_all();
    }
}

/// Starts `f` as a task of the running execution, or as an OS thread whose panic ends the process.
#[track_caller]
#[inline]
pub(crate) fn start_goroutine<T, F>(name: Option<String>, f: F) -> JoinHandle<T>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    #[cfg(feature = "check")]
    if let Some(inside) = crate::inside::context::inside() {
        return crate::thread::checked::spawn_inside(inside, name, f);
    }
    let mut builder = Builder::new();
    if let Some(name) = &name {
        builder = builder.name(name.clone());
    }
    let counted = Counted::new();
    let goroutine = move || {
        let _counted = counted;
        match catch_unwind(AssertUnwindSafe(f)) {
            Ok(value) => value,
            Err(payload) if payload.is::<Goexit>() => resume_unwind(payload),
            Err(payload) => {
                let text = payload.downcast_ref::<&str>().copied();
                let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
                crate::go::die(text.unwrap_or("a value that is no text"), name.as_deref())
            }
        }
    };
    match builder.spawn(goroutine) {
        Ok(handle) => handle,
        Err(error) => panic!("cannot start a goroutine: {error}"),
    }
}

/// Runs a program's main outside of an execution. If it calls `goexit`, the other goroutines run on, and when the
/// last one has ended the process is dead, as Go's is.
#[inline]
pub(crate) fn run_main<R>(main: impl FnOnce() -> R) -> R {
    // A program's main may be the body of a check.
    #[cfg(feature = "check")]
    if crate::inside::context::inside().is_some() {
        return main();
    }
    match catch_unwind(AssertUnwindSafe(main)) {
        Ok(value) => value,
        Err(payload) if payload.is::<Goexit>() => {
            wait_for_goroutines();
            crate::go::fatal("no goroutines (main called runtime.Goexit) - deadlock!")
        }
        Err(payload) => resume_unwind(payload),
    }
}
