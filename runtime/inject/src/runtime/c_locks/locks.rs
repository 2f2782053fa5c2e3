//! Mutexes, read-write locks and spin locks.

use super::super::state::is_controlled;
use super::word::{Until, call, call_by, call_until, is_taken};

/// A moment that is over.
static PAST: libc::timespec = libc::timespec { tv_sec: 0, tv_nsec: 0 };

/// Tries to take a lock; one that is taken says by its timed function if the caller has it already, and may not wait.
fn attempt(lock: usize, without_waiting: usize, timed: usize) -> i32 {
    match call(without_waiting, lock) {
        // SAFETY: a time; it is over, so that nobody waits.
        taken if is_taken(taken) => match unsafe { call_until(timed, lock, &raw const PAST) } {
            libc::ETIMEDOUT => taken,
            other => other,
        },
        result => result,
    }
}

/// Functions that take a lock: with the one that does so only if it is free, and with those that give up at a moment.
macro_rules! taking {
    ($($name:ident $try:ident $timed:ident $clocked:ident;)*) => {$(
        extern "C" fn $name(lock: usize) -> i32 {
            if !is_controlled() {
                return call(real!($name), lock);
            }
            thing!(lock, $name).take(None, || attempt(lock, real!($try), real!($timed)))
        }

        extern "C" fn $try(lock: usize) -> i32 {
            if !is_controlled() {
                return call(real!($try), lock);
            }
            thing!(lock, $try).try_to_take(|| call(real!($try), lock))
        }

        unsafe extern "C" fn $timed(lock: usize, until: *const libc::timespec) -> i32 {
            if !is_controlled() {
                // SAFETY: the caller's own call.
                return unsafe { call_until(real!($timed), lock, until) };
            }
            // SAFETY: the program passes a time.
            let until = unsafe { Until::new(until, libc::CLOCK_REALTIME) };
            thing!(lock, $timed).take(Some(until), || attempt(lock, real!($try), real!($timed)))
        }

        unsafe extern "C" fn $clocked(lock: usize, clock: i32, until: *const libc::timespec) -> i32 {
            if !is_controlled() {
                // SAFETY: the caller's own call.
                return unsafe { call_by(real!($clocked), lock, clock, until) };
            }
            // SAFETY: the program passes a time.
            let until = unsafe { Until::new(until, clock) };
            thing!(lock, $clocked).take(Some(until), || attempt(lock, real!($try), real!($timed)))
        }
    )*};
}

taking! {
    pthread_mutex_lock pthread_mutex_trylock pthread_mutex_timedlock pthread_mutex_clocklock;
    pthread_rwlock_rdlock pthread_rwlock_tryrdlock pthread_rwlock_timedrdlock pthread_rwlock_clockrdlock;
    pthread_rwlock_wrlock pthread_rwlock_trywrlock pthread_rwlock_timedwrlock pthread_rwlock_clockwrlock;
}

extern "C" fn pthread_spin_lock(lock: usize) -> i32 {
    if !is_controlled() {
        return call(real!(pthread_spin_lock), lock);
    }
    thing!(lock, pthread_spin_lock).take(None, || call(real!(pthread_spin_trylock), lock))
}

extern "C" fn pthread_spin_trylock(lock: usize) -> i32 {
    if !is_controlled() {
        return call(real!(pthread_spin_trylock), lock);
    }
    thing!(lock, pthread_spin_trylock).try_to_take(|| call(real!(pthread_spin_trylock), lock))
}

/// Functions that give a lock back, and how many of those who wait then look again.
macro_rules! giving_back {
    ($($name:ident $most:expr;)*) => {$(
        extern "C" fn $name(lock: usize) -> i32 {
            if !is_controlled() {
                return call(real!($name), lock);
            }
            thing!(lock, $name).give_back($most, || call(real!($name), lock))
        }
    )*};
}

giving_back! {
    pthread_mutex_unlock 1;
    pthread_rwlock_unlock u32::MAX;
    pthread_spin_unlock 1;
}

exported! { pthread_mutex_lock pthread_mutex_trylock pthread_mutex_timedlock pthread_mutex_clocklock pthread_mutex_unlock pthread_rwlock_rdlock pthread_rwlock_tryrdlock pthread_rwlock_timedrdlock pthread_rwlock_clockrdlock pthread_rwlock_wrlock pthread_rwlock_trywrlock pthread_rwlock_timedwrlock pthread_rwlock_clockwrlock pthread_rwlock_unlock pthread_spin_lock pthread_spin_trylock pthread_spin_unlock }
