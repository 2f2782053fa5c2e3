//! `go`: start a goroutine.

use crate::thread::JoinHandle;

/// Runs `f` concurrently, as Go's `go` statement does. The handle may be dropped.
///
/// Inside an execution it is a task; a panic in one that nobody joins is a finding. Outside it is an OS
/// thread, or with the feature `goroutines` a green thread on a few of them, and a panic prints Go's words and ends the
/// process with 2.
///
/// ```
/// let answer = gorace::go(|| 6 * 7);
/// assert_eq!(answer.join().unwrap(), 42);
/// ```
#[track_caller]
pub fn go<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    crate::thread::start_goroutine(None, f)
}

/// As [`go`], with a name for reports and for the OS thread.
///
/// ```
/// let worker = gorace::go_named("worker", || ());
/// worker.join().unwrap();
/// ```
#[track_caller]
pub fn go_named<T: Send + 'static>(name: &str, f: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    crate::thread::start_goroutine(Some(name.to_owned()), f)
}

/// Starts a goroutine: `go!({ .. })`, `go!(expr)` or `go!("name", { .. })`. `move` is implied.
///
/// ```
/// let (tx, rx) = gorace::chan(0);
/// gorace::go!({ tx.send(1) });
/// assert_eq!(rx.recv(), Some(1));
/// ```
#[macro_export]
macro_rules! go {
    ($name:literal, $body:expr) => {
        $crate::go_named($name, move || $body)
    };
    ($body:expr) => {
        $crate::go(move || $body)
    };
}

/// Ends the process as Go's runtime does when it cannot go on.
#[cfg(not(feature = "goroutines"))]
pub(crate) fn fatal(message: &str) -> ! {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "fatal error: {message}\nexit status 2");
    std::process::exit(2)
}

/// Ends the process as a panic in a goroutine does in Go.
pub(crate) fn die(message: &str, name: Option<&str>) -> ! {
    use std::io::Write as _;
    let name = name.unwrap_or("goroutine");
    // Not `eprintln!`: a test harness captures that, and the process is about to end.
    let _ = writeln!(std::io::stderr(), "panic: {message}\n\n{name} [running]:\nexit status 2");
    std::process::exit(2)
}
