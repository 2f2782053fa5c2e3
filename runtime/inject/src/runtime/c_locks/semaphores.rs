//! Semaphores. Their errors are in `errno`.

use super::super::raw;
use super::super::state::is_controlled;
use super::word::{Until, call, call_by, call_until, is_taken};

/// As the C library's `sem_trywait`, but says as a lock does that it is taken.
fn attempt(semaphore: usize) -> i32 {
    if call(real!(sem_trywait), semaphore) == 0 { 0 } else { libc::EBUSY }
}

/// What a semaphore's function gives for an error of a lock's.
fn result(error: i32) -> i32 {
    match error {
        0 => return 0,
        taken if is_taken(taken) => raw::set_errno(libc::EAGAIN),
        error => raw::set_errno(error),
    }
    -1
}

extern "C" fn sem_wait(semaphore: usize) -> i32 {
    if !is_controlled() {
        return call(real!(sem_wait), semaphore);
    }
    result(thing!(semaphore, sem_wait).take(None, || attempt(semaphore)))
}

extern "C" fn sem_trywait(semaphore: usize) -> i32 {
    if !is_controlled() {
        return call(real!(sem_trywait), semaphore);
    }
    result(thing!(semaphore, sem_trywait).try_to_take(|| attempt(semaphore)))
}

unsafe extern "C" fn sem_timedwait(semaphore: usize, until: *const libc::timespec) -> i32 {
    if !is_controlled() {
        // SAFETY: the caller's own call.
        return unsafe { call_until(real!(sem_timedwait), semaphore, until) };
    }
    // SAFETY: the program passes a time.
    let until = unsafe { Until::new(until, libc::CLOCK_REALTIME) };
    result(thing!(semaphore, sem_timedwait).take(Some(until), || attempt(semaphore)))
}

unsafe extern "C" fn sem_clockwait(semaphore: usize, clock: i32, until: *const libc::timespec) -> i32 {
    if !is_controlled() {
        // SAFETY: the caller's own call.
        return unsafe { call_by(real!(sem_clockwait), semaphore, clock, until) };
    }
    // SAFETY: the program passes a time.
    let until = unsafe { Until::new(until, clock) };
    result(thing!(semaphore, sem_clockwait).take(Some(until), || attempt(semaphore)))
}

extern "C" fn sem_post(semaphore: usize) -> i32 {
    if !is_controlled() {
        return call(real!(sem_post), semaphore);
    }
    thing!(semaphore, sem_post).give_back(1, || call(real!(sem_post), semaphore))
}

exported! { sem_wait sem_trywait sem_timedwait sem_clockwait sem_post }
