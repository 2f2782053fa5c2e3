//! Conditions.

use super::super::state::{is_controlled, with};
use super::word::{Until, call};
use gorace_analyzer_core::Order;
use gorace_engine::Settled;

/// Waits for a notification of a condition, without its mutex meanwhile.
fn wait_for(address: usize, mutex: usize, until: Option<Until>) -> i32 {
    let condition = thing!(address, pthread_cond_wait);
    let given = thing!(mutex, pthread_mutex_unlock, pthread_cond_wait);
    let taken = thing!(mutex, pthread_mutex_lock, pthread_cond_wait);
    let seen = condition.changes();
    given.give_back(1, || call(real!(pthread_mutex_unlock), mutex));
    let waited = condition.wait(seen, until);
    let taken = taken.take(None, || call(real!(pthread_mutex_trylock), mutex));
    match waited {
        Err(error) if taken == 0 => error,
        _ => taken,
    }
}

unsafe extern "C" fn pthread_cond_wait(condition: usize, mutex: usize) -> i32 {
    if is_controlled() {
        return wait_for(condition, mutex, None);
    }
    // SAFETY: the C library's function of this name, and the caller's own call.
    unsafe {
        let real: unsafe extern "C" fn(usize, usize) -> i32 = std::mem::transmute(real!(pthread_cond_wait));
        real(condition, mutex)
    }
}

unsafe extern "C" fn pthread_cond_timedwait(
    condition: usize,
    mutex: usize,
    until: *const libc::timespec,
) -> i32 {
    if is_controlled() {
        let is_monotonic = with(|runtime| runtime.word(condition).made) == 1;
        let clock = if is_monotonic { libc::CLOCK_MONOTONIC } else { libc::CLOCK_REALTIME };
        // SAFETY: the program passes a time.
        return wait_for(condition, mutex, Some(unsafe { Until::new(until, clock) }));
    }
    // SAFETY: the C library's function of this name, and the caller's own call.
    unsafe {
        let real: unsafe extern "C" fn(usize, usize, *const libc::timespec) -> i32 =
            std::mem::transmute(real!(pthread_cond_timedwait));
        real(condition, mutex, until)
    }
}

unsafe extern "C" fn pthread_cond_clockwait(
    condition: usize,
    mutex: usize,
    clock: i32,
    until: *const libc::timespec,
) -> i32 {
    if is_controlled() {
        // SAFETY: the program passes a time.
        return wait_for(condition, mutex, Some(unsafe { Until::new(until, clock) }));
    }
    // SAFETY: the C library's function of this name, and the caller's own call.
    unsafe {
        let real: unsafe extern "C" fn(usize, usize, i32, *const libc::timespec) -> i32 =
            std::mem::transmute(real!(pthread_cond_clockwait));
        real(condition, mutex, clock, until)
    }
}

/// Notes by which clock the condition waits.
unsafe extern "C" fn pthread_cond_init(condition: usize, attributes: *const libc::pthread_condattr_t) -> i32 {
    let mut clock = libc::CLOCK_REALTIME;
    if !attributes.is_null() {
        // SAFETY: the program passes attributes; the clock is written by this call.
        unsafe { libc::pthread_condattr_getclock(attributes, &raw mut clock) };
    }
    if is_controlled() {
        with(|runtime| runtime.word(condition).made = u32::from(clock == libc::CLOCK_MONOTONIC));
    }
    // SAFETY: the C library's function of this name, and the caller's own call.
    unsafe {
        let real: unsafe extern "C" fn(usize, *const libc::pthread_condattr_t) -> i32 =
            std::mem::transmute(real!(pthread_cond_init));
        real(condition, attributes)
    }
}

/// Functions that notify a condition: one who waits, or all.
macro_rules! notifying {
    ($($name:ident $most:expr;)*) => {$(
        extern "C" fn $name(address: usize) -> i32 {
            if !is_controlled() {
                return call(real!($name), address);
            }
            let condition = thing!(address, $name);
            condition.update(Order::Relaxed, || ((), Settled::Updated(0, 1)));
            condition.change($most);
            0
        }
    )*};
}

notifying! {
    pthread_cond_signal 1;
    pthread_cond_broadcast u32::MAX;
}

exported! { pthread_cond_init pthread_cond_wait pthread_cond_timedwait pthread_cond_clockwait pthread_cond_signal pthread_cond_broadcast }
