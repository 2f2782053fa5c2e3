//! The C library's locks: mutexes, read-write locks, spin locks, conditions and semaphores, as C code and `libc` use them.
//!
//! Each is a word of the engine's at its address. To take one is to try the real one, and to wait on the word while it is
//! taken; to give it back is to give back the real one and to wake who waits. So the real ones never block, they order what
//! they order, and who waits for ever is in a deadlock. A wait on a condition may end without a notification, as POSIX
//! allows.

use super::atomics::perform;
use super::futex::ANY;
use super::schedule::{go_on, step};
use super::state::{is_controlled, with};
use super::threads::Real;
use super::time;
use gorace_analyzer_core::Order;
use gorace_engine::{Reply, Settled, WordOp};

/// Bytes of a lock that count as accessed by its operations.
const SIZE: usize = 4;

/// What a function of the C library says of a lock that is taken: mutexes and the like, semaphores.
fn is_taken(result: i32) -> bool {
    result == libc::EBUSY
}

/// Takes the lock at `address`, which `attempt` does if it is free; for so many nanoseconds at the most.
fn take(address: usize, nanos: Option<u64>, attempt: impl Fn() -> i32) -> i32 {
    loop {
        let mut seen = 0;
        let op = |word, order| WordOp::Update { word, order };
        let result = perform((address, SIZE, 0), op, Order::AcqRel, || {
            seen = changes(address);
            let result = attempt();
            let settled = match is_taken(result) {
                true => Settled::Failed(1, Order::Relaxed),
                false => Settled::Updated(0, 1),
            };
            (result, settled)
        });
        if !is_taken(result) {
            return result;
        }
        if wait(address, seen, nanos) {
            return libc::ETIMEDOUT;
        }
    }
}

/// Gives the lock at `address` back, which `give` does, and wakes so many.
fn give_back(address: usize, most: u32, give: impl Fn() -> i32) -> i32 {
    let op = |word, order| WordOp::Store { word, order };
    let result = perform((address, SIZE, 0), op, Order::Release, || (give(), Settled::Wrote(0)));
    change(address, most);
    result
}

/// Something has changed: so many of those who wait look again.
fn change(address: usize, most: u32) {
    let word = with(|runtime| {
        let word = runtime.word(address);
        word.changes = word.changes.wrapping_add(1);
        word.object
    });
    if with(|runtime| runtime.exec.is_awaited(word)) {
        step(WordOp::Wake { word, most, bits: ANY }.into(), 0);
    }
}

fn changes(address: usize) -> u32 {
    with(|runtime| runtime.word(address).changes)
}

/// Waits for another change than the one that was `seen`; whether time was up.
fn wait(address: usize, seen: u32, nanos: Option<u64>) -> bool {
    let word = with(|runtime| runtime.word(address).object);
    step(WordOp::Wait { word }.into(), 0);
    if changes(address) != seen {
        return false;
    }
    let me = with(|runtime| {
        let me = runtime.current;
        runtime.timed |= nanos.is_some();
        runtime.exec.wait_on(me, word, ANY, nanos);
        me
    });
    go_on(me);
    with(|runtime| runtime.exec.reply(me)) == Reply::Flag(true)
}

/// How long it is until a moment that the program has named.
///
/// # Safety
/// `until` points to a time.
unsafe fn left(until: *const libc::timespec) -> Option<u64> {
    // SAFETY: the caller's promise.
    Some(time::until(time::nanos_of(unsafe { *until }), true))
}

type Lock = unsafe extern "C" fn(usize) -> i32;

/// Calls the C library's own function.
fn real(function: &Real, lock: usize) -> i32 {
    // SAFETY: functions of this type, by their names below; the lock is the caller's own.
    unsafe {
        let function: Lock = std::mem::transmute(function.address());
        function(lock)
    }
}

/// Functions that take a lock: with the one that does so only if it is free, and with one that gives up at a moment.
macro_rules! taking {
    ($($name:ident $c_name:literal by $try:ident $c_try:literal $(until $timed:ident $c_timed:literal)?;)*) => {$(
        #[cfg_attr(not(test), unsafe(no_mangle))]
        extern "C" fn $name(lock: usize) -> i32 {
            static BLOCKING: Real = Real::new($c_name);
            static TRY: Real = Real::new($c_try);
            if is_controlled() { take(lock, None, || real(&TRY, lock)) } else { real(&BLOCKING, lock) }
        }

        #[cfg_attr(not(test), unsafe(no_mangle))]
        extern "C" fn $try(lock: usize) -> i32 {
            static TRY: Real = Real::new($c_try);
            if !is_controlled() {
                return real(&TRY, lock);
            }
            let op = |word, order| WordOp::Update { word, order };
            perform((lock, SIZE, 0), op, Order::AcqRel, || match real(&TRY, lock) {
                result if is_taken(result) => (result, Settled::Failed(1, Order::Relaxed)),
                result => (result, Settled::Updated(0, 1)),
            })
        }

        $(
            #[cfg_attr(not(test), unsafe(no_mangle))]
            unsafe extern "C" fn $timed(lock: usize, until: *const libc::timespec) -> i32 {
                static TIMED: Real = Real::new($c_timed);
                static TRY: Real = Real::new($c_try);
                if is_controlled() {
                    // SAFETY: the program passes a time.
                    return take(lock, unsafe { left(until) }, || real(&TRY, lock));
                }
                // SAFETY: the C library's function of this name, and the caller's own call.
                unsafe {
                    let real: unsafe extern "C" fn(usize, *const libc::timespec) -> i32 =
                        std::mem::transmute(TIMED.address());
                    real(lock, until)
                }
            }
        )?
    )*};
}

taking! {
    pthread_mutex_lock c"pthread_mutex_lock" by pthread_mutex_trylock c"pthread_mutex_trylock"
        until pthread_mutex_timedlock c"pthread_mutex_timedlock";
    pthread_rwlock_rdlock c"pthread_rwlock_rdlock" by pthread_rwlock_tryrdlock c"pthread_rwlock_tryrdlock"
        until pthread_rwlock_timedrdlock c"pthread_rwlock_timedrdlock";
    pthread_rwlock_wrlock c"pthread_rwlock_wrlock" by pthread_rwlock_trywrlock c"pthread_rwlock_trywrlock"
        until pthread_rwlock_timedwrlock c"pthread_rwlock_timedwrlock";
    pthread_spin_lock c"pthread_spin_lock" by pthread_spin_trylock c"pthread_spin_trylock";
}

/// Functions that give a lock back, and how many of those who wait then look again.
macro_rules! giving_back {
    ($($name:ident $c_name:literal $most:expr;)*) => {$(
        #[cfg_attr(not(test), unsafe(no_mangle))]
        extern "C" fn $name(lock: usize) -> i32 {
            static REAL: Real = Real::new($c_name);
            if is_controlled() { give_back(lock, $most, || real(&REAL, lock)) } else { real(&REAL, lock) }
        }
    )*};
}

giving_back! {
    pthread_mutex_unlock c"pthread_mutex_unlock" 1;
    pthread_rwlock_unlock c"pthread_rwlock_unlock" u32::MAX;
    pthread_spin_unlock c"pthread_spin_unlock" 1;
    sem_post c"sem_post" 1;
}

static UNLOCK: Real = Real::new(c"pthread_mutex_unlock");
static TRY_LOCK: Real = Real::new(c"pthread_mutex_trylock");

/// Waits for a notification of a condition, without its mutex meanwhile.
fn wait_for(condition: usize, mutex: usize, nanos: Option<u64>) -> i32 {
    let seen = changes(condition);
    give_back(mutex, 1, || real(&UNLOCK, mutex));
    let is_late = wait(condition, seen, nanos);
    let taken = take(mutex, None, || real(&TRY_LOCK, mutex));
    if is_late && taken == 0 { libc::ETIMEDOUT } else { taken }
}

#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn pthread_cond_wait(condition: usize, mutex: usize) -> i32 {
    static REAL: Real = Real::new(c"pthread_cond_wait");
    if is_controlled() {
        return wait_for(condition, mutex, None);
    }
    // SAFETY: the C library's function of this name, and the caller's own call.
    unsafe {
        let real: unsafe extern "C" fn(usize, usize) -> i32 = std::mem::transmute(REAL.address());
        real(condition, mutex)
    }
}

#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn pthread_cond_timedwait(
    condition: usize,
    mutex: usize,
    until: *const libc::timespec,
) -> i32 {
    static REAL: Real = Real::new(c"pthread_cond_timedwait");
    if is_controlled() {
        // SAFETY: the program passes a time.
        return wait_for(condition, mutex, unsafe { left(until) });
    }
    // SAFETY: the C library's function of this name, and the caller's own call.
    unsafe {
        let real: unsafe extern "C" fn(usize, usize, *const libc::timespec) -> i32 =
            std::mem::transmute(REAL.address());
        real(condition, mutex, until)
    }
}

/// Functions that notify a condition: one who waits, or all.
macro_rules! notifying {
    ($($name:ident $c_name:literal $most:expr;)*) => {$(
        #[cfg_attr(not(test), unsafe(no_mangle))]
        extern "C" fn $name(condition: usize) -> i32 {
            static REAL: Real = Real::new($c_name);
            if !is_controlled() {
                return real(&REAL, condition);
            }
            let op = |word, order| WordOp::Update { word, order };
            perform((condition, SIZE, 0), op, Order::Relaxed, || ((), Settled::Updated(0, 1)));
            change(condition, $most);
            0
        }
    )*};
}

notifying! {
    pthread_cond_signal c"pthread_cond_signal" 1;
    pthread_cond_broadcast c"pthread_cond_broadcast" u32::MAX;
}

static TRY_WAIT: Real = Real::new(c"sem_trywait");

/// As the C library's `sem_trywait`, but says as a lock does that it is taken.
fn try_semaphore(semaphore: usize) -> i32 {
    if real(&TRY_WAIT, semaphore) == 0 { 0 } else { libc::EBUSY }
}

/// What semaphores give: an error is in `errno`.
fn of_semaphore(result: i32, busy: i32) -> i32 {
    let error = if is_taken(result) { busy } else { result };
    if error == 0 {
        return 0;
    }
    super::raw::set_errno(error);
    -1
}

#[cfg_attr(not(test), unsafe(no_mangle))]
extern "C" fn sem_wait(semaphore: usize) -> i32 {
    static REAL: Real = Real::new(c"sem_wait");
    match is_controlled() {
        true => of_semaphore(take(semaphore, None, || try_semaphore(semaphore)), 0),
        false => real(&REAL, semaphore),
    }
}

#[cfg_attr(not(test), unsafe(no_mangle))]
extern "C" fn sem_trywait(semaphore: usize) -> i32 {
    if !is_controlled() {
        return real(&TRY_WAIT, semaphore);
    }
    let op = |word, order| WordOp::Update { word, order };
    let result = perform((semaphore, SIZE, 0), op, Order::AcqRel, || match try_semaphore(semaphore) {
        0 => (0, Settled::Updated(1, 0)),
        busy => (busy, Settled::Failed(0, Order::Relaxed)),
    });
    of_semaphore(result, libc::EAGAIN)
}

#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn sem_timedwait(semaphore: usize, until: *const libc::timespec) -> i32 {
    static REAL: Real = Real::new(c"sem_timedwait");
    if is_controlled() {
        // SAFETY: the program passes a time.
        let nanos = unsafe { left(until) };
        return of_semaphore(take(semaphore, nanos, || try_semaphore(semaphore)), 0);
    }
    // SAFETY: the C library's function of this name, and the caller's own call.
    unsafe {
        let real: unsafe extern "C" fn(usize, *const libc::timespec) -> i32 =
            std::mem::transmute(REAL.address());
        real(semaphore, until)
    }
}
