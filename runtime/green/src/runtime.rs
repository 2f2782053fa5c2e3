//! Go's `runtime`: step back, end the running goroutine, count goroutines.
//!
//! In an execution all of it is deterministic: the machine's processors are not seen, and a count of goroutines
//! is an operation that is ordered with every start and end of one.

use crate::sync::atomic::{AtomicUsize, Ordering::SeqCst};

/// Unwinds a goroutine that has called [`goexit`]. It reaches no panic hook.
pub(crate) struct Goexit;

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
    std::panic::resume_unwind(Box::new(Goexit))
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
/// Nothing obeys the setting: inside an execution exactly one task runs at a time, whatever it is, and outside
/// the OS decides. An execution begins with 2, on every machine, so that a program which starts a worker for
/// each processor has workers that can meet; a process begins with the number of its processors.
///
/// Provisional: outside of executions goroutines are OS threads today; once they share threads, this limits them.
///
/// ```
/// let before = gorace::runtime::gomaxprocs(4);
/// assert_eq!(gorace::runtime::gomaxprocs(before), 4);
/// ```
#[track_caller]
#[inline]
pub fn gomaxprocs(n: usize) -> usize {
    /// 0: as it was at the start.
    static GOMAXPROCS: AtomicUsize = AtomicUsize::new(0);
    let set = if n == 0 { GOMAXPROCS.load(SeqCst) } else { GOMAXPROCS.swap(n, SeqCst) };
    if set > 0 { set } else { processors() }
}

#[inline]
fn processors() -> usize {
    #[cfg(feature = "check")]
    if crate::inside::context::inside().is_some() {
        return 2;
    }
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Keeps the goroutine on its OS thread, as Go's `runtime.LockOSThread` does.
///
/// Provisional: it does nothing yet. Outside of executions every goroutine has an OS thread of its own anyhow;
/// inside one all tasks share one.
///
/// ```
/// gorace::runtime::lock_os_thread();
/// gorace::runtime::unlock_os_thread();
/// ```
#[inline]
pub fn lock_os_thread() {}

/// Takes back one [`lock_os_thread`]. Provisional: it does nothing yet.
#[inline]
pub fn unlock_os_thread() {}
