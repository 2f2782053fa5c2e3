//! The time that this thread had a processor: all that is measured runs on one thread, and on a busy machine the
//! time on the wall is that of others.

use std::time::Duration;

/// The thread's processor time so far.
#[cfg(unix)]
pub fn now() -> Duration {
    // SAFETY: the structure is written by the call, which cannot fail for this clock.
    let time = unsafe {
        let mut time = std::mem::MaybeUninit::<libc::timespec>::zeroed().assume_init();
        libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time);
        time
    };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// The time on the wall, where there is no other.
#[cfg(not(unix))]
pub fn now() -> Duration {
    use std::sync::OnceLock;
    use std::time::Instant;
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

/// Runs `f`: what it gives, and how many seconds it took.
pub fn time<R>(f: impl FnOnce() -> R) -> (R, f64) {
    let started = now();
    let result = f();
    (result, (now() - started).as_secs_f64())
}
