//! What `go!` starts.

use crate::thread::{Builder, JoinHandle};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Starts `f` as a task of the running execution, or as an OS thread whose panic ends the process.
#[track_caller]
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
    let goroutine = move || match catch_unwind(AssertUnwindSafe(f)) {
        Ok(value) => value,
        Err(payload) => {
            let text = payload.downcast_ref::<&str>().copied();
            let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
            crate::go::die(text.unwrap_or("a value that is no text"), name.as_deref())
        }
    };
    match builder.spawn(goroutine) {
        Ok(handle) => handle,
        Err(error) => panic!("cannot start a goroutine: {error}"),
    }
}
