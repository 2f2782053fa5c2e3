//! Go's `runtime`: step back, end the running goroutine, count goroutines.
//!
//! In an execution all of it is deterministic: the machine's processors are not seen, and a count of goroutines
//! is an operation that is ordered with every start and end of one.

use crate::sync::atomic::{AtomicUsize, Ordering::SeqCst};

/// Unwinds a goroutine that has called [`goexit`]. It reaches no panic hook.
#[derive(Default)]
pub(crate) struct Goexit {
    /// The execution and the task in it that unwinds, if it is a task.
    #[cfg(feature = "check")]
    pub of: Option<(u64, u32)>,
}

#[cfg(feature = "check")]
impl Drop for Goexit {
    fn drop(&mut self) {
        // Whoever caught it has let go of it, or it has done what it was for.
        if let (Some(of), Some(inside)) = (self.of, crate::inside::context::inside()) {
            inside.has_left(of);
        }
    }
}

/// Lets others run, as Go's `runtime.Gosched` does.
///
/// Inside an execution the task runs again only when something that it looked at has changed, or the others
/// cannot go on.
///
/// ```
/// gorace::runtime::gosched();
/// ```
#[track_caller]
#[inline]
pub fn gosched() {
    crate::thread::yield_now();
}

/// Ends the goroutine that calls it, after its destructors. It is no panic: nothing is reported, and no lock of
/// [`sync`](crate::sync) is poisoned inside an execution. Whoever joins the goroutine gets an `Err`.
///
/// In main the others run on, and once none of them can, the program is dead: `fatal error: no goroutines (main
/// called runtime.Goexit) - deadlock!`, which is GR0002 inside an execution. Outside of one
/// [`#[gorace::main]`](macro@crate::main) waits for the other goroutines, prints that and ends the process with
/// 2; without it, and in any thread that is no goroutine, that thread unwinds and that is all.
///
/// It works by unwinding: `catch_unwind` takes it as it takes a panic, [`scope`](crate::thread::scope) counts it as
/// one, and a destructor that runs in another unwinding must not call it.
///
/// ```
/// let goroutine = gorace::go!({
///     gorace::runtime::goexit();
/// });
/// assert!(goroutine.join().is_err());
/// ```
#[track_caller]
#[inline]
pub fn goexit() -> ! {
    #[cfg(feature = "check")]
    if let Some(inside) = crate::inside::context::inside() {
        inside.goexit(gorace_analyzer::Place::here());
    }
    std::panic::resume_unwind(Box::new(Goexit::default()))
}

/// The number of goroutines that have been started and have not ended, main among them.
///
/// Inside an execution every task counts, however it was started. Outside it is what [`go`](crate::go()) and
/// [`go!`](crate::go!) started in the whole process, and one for main; threads are not counted.
///
/// ```
/// assert!(gorace::runtime::num_goroutine() >= 1);
/// ```
#[track_caller]
#[must_use]
#[inline]
pub fn num_goroutine() -> usize {
    #[cfg(feature = "check")]
    if let Some(inside) = crate::inside::context::inside() {
        let reply = inside.visit(gorace_engine::Op::CountTasks, gorace_analyzer::Place::here());
        return match reply {
            gorace_engine::Reply::Value(number) => number as usize,
            // In teardown nobody else is there any more.
            _ => 1,
        };
    }
    crate::outside::count()
}

/// Sets how many goroutines may run at once and gives the setting before; 0 asks and changes nothing.
///
/// Inside an execution exactly one task runs at a time, whatever it is; an execution begins with 2, on every machine, so
/// that a program which starts a worker for each processor has workers that can meet. Outside the setting is obeyed
/// with the feature `goroutines`, and is `GOMAXPROCS` or the number of processors at first; without it goroutines are
/// OS threads, and nothing obeys it.
///
/// ```
/// let before = gorace::runtime::gomaxprocs(4);
/// assert_eq!(gorace::runtime::gomaxprocs(before), 4);
/// ```
#[track_caller]
#[inline]
pub fn gomaxprocs(n: usize) -> usize {
    #[cfg(feature = "goroutines")]
    if !is_inside() {
        return gorace_goroutines::runtime::gomaxprocs(n);
    }
    /// 0: as it was at the start.
    static GOMAXPROCS: AtomicUsize = AtomicUsize::new(0);
    let set = if n == 0 { GOMAXPROCS.load(SeqCst) } else { GOMAXPROCS.swap(n, SeqCst) };
    if set > 0 { set } else { processors() }
}

#[inline]
fn is_inside() -> bool {
    #[cfg(feature = "check")]
    return crate::inside::context::inside().is_some();
    #[cfg(not(feature = "check"))]
    false
}

#[inline]
fn processors() -> usize {
    if is_inside() {
        return 2;
    }
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Keeps the goroutine on its OS thread, and others off it, as Go's `runtime.LockOSThread` does.
///
/// With the feature `goroutines` a goroutine that has started stays on its thread anyhow, and from here on nothing new
/// starts there; what has started there before goes on beside it. Without it every goroutine has a thread of
/// its own, and this does nothing; inside an execution all tasks share one.
///
/// ```
/// gorace::runtime::lock_os_thread();
/// gorace::runtime::unlock_os_thread();
/// ```
#[inline]
pub fn lock_os_thread() {
    #[cfg(feature = "goroutines")]
    if !is_inside() {
        gorace_goroutines::runtime::lock_os_thread();
    }
}

/// Takes back one [`lock_os_thread`].
#[inline]
pub fn unlock_os_thread() {
    #[cfg(feature = "goroutines")]
    if !is_inside() {
        gorace_goroutines::runtime::unlock_os_thread();
    }
}

/// Makes a call that may block its OS thread. With the feature `goroutines` the goroutine parks and a thread of a pool
/// makes the call, so that thread-local values are not the caller's; otherwise, on a plain thread and inside an
/// execution `f` is called in place.
///
/// # Panics
/// As `f` does.
///
/// ```
/// let text = gorace::runtime::blocking(|| std::fs::read_to_string("/etc/hostname").unwrap_or_default());
/// # drop(text);
/// ```
#[track_caller]
#[inline]
pub fn blocking<T, F>(f: F) -> T
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    #[cfg(feature = "goroutines")]
    if !is_inside() {
        return gorace_goroutines::blocking::blocking(f);
    }
    f()
}

#[cfg(feature = "goroutines")]
pub use gorace_goroutines::runtime::{Stats, dump, stats};
