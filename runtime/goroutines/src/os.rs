//! What the runtime asks of the OS beyond std: numbers of threads, and what they are doing.
//!
//! On other systems than Linux nothing is known: then a thread that does not come back counts as blocked.

/// The calling thread's number.
#[cfg(target_os = "linux")]
pub(crate) fn thread_id() -> i32 {
    // SAFETY: asks for a number.
    unsafe { libc::gettid() }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn thread_id() -> i32 {
    0
}

/// Whether the thread of this number computes, or could if it had a processor.
pub(crate) fn is_running(id: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/self/task/{id}/stat")).unwrap_or_default();
    // The name in parentheses may have any characters.
    stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('R'))
}

/// Whether the caller is the thread that the process began with.
#[cfg(target_os = "linux")]
pub(crate) fn is_first_thread() -> bool {
    // SAFETY: asks for a number.
    unsafe { libc::getpid() == thread_id() }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn is_first_thread() -> bool {
    std::thread::current().name() == Some("main")
}

/// How many threads the process has, where that is known.
pub(crate) fn threads() -> Option<usize> {
    Some(std::fs::read_dir("/proc/self/task").ok()?.count())
}
