//! What `go!` starts, in both worlds, and how a program's main runs.

use crate::outside;
use crate::runtime::Goexit;
use crate::thread::JoinHandle;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// Starts `f` as a task of the running execution, or as a goroutine whose panic ends the process.
#[track_caller]
#[inline]
pub(crate) fn start_goroutine<T, F>(name: Option<String>, f: F) -> JoinHandle<T>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    start_with(outside::Start::default(), name, f)
}

/// As [`start_goroutine`]; outside of an execution as `how` says.
#[track_caller]
#[inline]
pub(crate) fn start_with<T, F>(how: outside::Start, name: Option<String>, f: F) -> JoinHandle<T>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    #[cfg(feature = "check")]
    if let Some(inside) = crate::inside::context::inside() {
        return crate::thread::checked::spawn_inside(inside, name, f);
    }
    let words = name.clone();
    let goroutine = move || match catch_unwind(AssertUnwindSafe(f)) {
        Ok(value) => value,
        Err(payload) if payload.is::<Goexit>() => resume_unwind(payload),
        Err(payload) => {
            let text = payload.downcast_ref::<&str>().copied();
            let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
            crate::go::die(text.unwrap_or("a value that is no text"), words.as_deref())
        }
    };
    match outside::start(how, name, goroutine) {
        #[cfg(feature = "check")]
        Ok(handle) => JoinHandle::of_outside(handle),
        #[cfg(not(feature = "check"))]
        Ok(handle) => handle,
        Err(error) => panic!("cannot start a goroutine: {error}"),
    }
}

/// Runs a program's main outside of an execution.
#[inline]
pub(crate) fn run_main<R>(main: impl FnOnce() -> R) -> R {
    // A program's main may be the body of a check.
    #[cfg(feature = "check")]
    if crate::inside::context::inside().is_some() {
        return main();
    }
    outside::run_main(main)
}
