//! A lock for what one OS thread uses nearly always: its owner takes it without a locked instruction.
//!
//! The first thread that uses it owns it. It says that it is inside, and only then looks whether it still is the owner.
//! Another thread takes the ownership away first, then makes each thread of the process pass a barrier (`membarrier`),
//! and then looks whether the owner is inside. So one of the two sees the other: Dekker's algorithm, with the expensive
//! half on the side that is rare. Once taken away, ownership never comes back, and all take an ordinary lock. Where the
//! kernel has no such barrier nobody owns anything.

use std::cell::{Cell, UnsafeCell};
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicU64, compiler_fence, fence};
use std::sync::{Mutex, PoisonError};

/// See the module.
#[derive(Debug)]
pub(crate) struct Biased<T> {
    /// The number of the thread that owns it, or one of the two below.
    owner: AtomicU64,
    /// Whether the owner is inside.
    is_held: AtomicBool,
    /// Whoever does not own it holds this one.
    lock: Mutex<()>,
    value: UnsafeCell<T>,
}

/// Nobody has used it.
const UNOWNED: u64 = 0;
/// Nobody owns it any more.
const REVOKED: u64 = 1;

// SAFETY: one thread at a time gets at the value, as with a mutex.
unsafe impl<T: Send> Sync for Biased<T> {}

impl<T> Biased<T> {
    pub const fn new(value: T) -> Self {
        Biased {
            owner: AtomicU64::new(UNOWNED),
            is_held: AtomicBool::new(false),
            lock: Mutex::new(()),
            value: UnsafeCell::new(value),
        }
    }

    /// Runs `f` on the value. It does not come back to this lock, and no other task runs meanwhile.
    #[inline]
    pub fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        let own = own_number();
        if self.owner.load(Relaxed) == own {
            self.is_held.store(true, Relaxed);
            // The processor's part of the fence is the barrier that whoever revokes makes this thread pass.
            compiler_fence(SeqCst);
            let inside = Inside(&self.is_held);
            if self.owner.load(Relaxed) == own {
                // SAFETY: this thread is inside and owns it: all others wait until it is not.
                return f(unsafe { &mut *self.value.get() });
            }
            drop(inside);
        }
        let _lock = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.make_sure(own);
        // SAFETY: this thread holds the lock, and no owner is inside or comes in.
        f(unsafe { &mut *self.value.get() })
    }

    /// With the lock held: nobody is inside without it once this returns.
    #[cold]
    fn make_sure(&self, own: u64) {
        match self.owner.load(Relaxed) {
            REVOKED => {}
            // The thread is not inside: it is here.
            UNOWNED => self.owner.store(if barrier::is_there() { own } else { REVOKED }, Relaxed),
            _ => {
                self.owner.store(REVOKED, SeqCst);
                barrier::pass();
                while self.is_held.load(Acquire) {
                    std::thread::yield_now();
                }
                fence(SeqCst);
            }
        }
    }
}

/// The owner is inside.
struct Inside<'a>(&'a AtomicBool);

impl Drop for Inside<'_> {
    #[inline]
    fn drop(&mut self) {
        self.0.store(false, Release);
    }
}

thread_local! {
    static OWN: Cell<u64> = const { Cell::new(UNOWNED) };
}

/// The calling thread's number, which no other one ever has.
#[inline]
fn own_number() -> u64 {
    match OWN.get() {
        UNOWNED => new_number(),
        number => number,
    }
}

#[cold]
fn new_number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(REVOKED + 1);
    let number = NEXT.fetch_add(1, Relaxed);
    OWN.set(number);
    number
}

#[cfg(target_os = "linux")]
mod barrier {
    //! A memory barrier that all threads of the process pass.

    use std::sync::OnceLock;

    const EXPEDITED: libc::c_int = libc::MEMBARRIER_CMD_PRIVATE_EXPEDITED;
    const REGISTER: libc::c_int = libc::MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED;

    fn call(command: libc::c_int) -> bool {
        // SAFETY: a system call that touches no memory.
        unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) == 0 }
    }

    /// Whether the kernel has it.
    pub fn is_there() -> bool {
        static IS_THERE: OnceLock<bool> = OnceLock::new();
        *IS_THERE.get_or_init(|| call(REGISTER) && call(EXPEDITED))
    }

    /// Returns once each thread has passed one.
    pub fn pass() {
        assert!(
            call(EXPEDITED),
            "a barrier that was there before fails: {}",
            std::io::Error::last_os_error()
        );
    }
}

#[cfg(not(target_os = "linux"))]
mod barrier {
    pub fn is_there() -> bool {
        false
    }

    pub fn pass() {}
}

#[cfg(test)]
mod tests {
    use super::{Biased, REVOKED, own_number};
    use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

    /// Adds one in two steps, between which somebody else would be seen.
    fn add(pair: &mut (u64, u64)) {
        assert_eq!(pair.0, pair.1, "somebody else is inside");
        pair.0 += 1;
        std::hint::black_box(&mut *pair);
        pair.1 += 1;
    }

    #[test]
    fn the_first_thread_owns_it_until_another_comes() {
        let lock = Biased::new((0, 0));
        lock.with(add);
        let owner = lock.owner.load(Relaxed);
        assert!(owner == own_number() || owner == REVOKED, "without a barrier there is no owner");
        std::thread::scope(|scope| scope.spawn(|| lock.with(add)).join()).unwrap();
        assert_eq!(lock.owner.load(Relaxed), REVOKED);
        lock.with(add);
        assert_eq!(lock.value.into_inner(), (3, 3));
    }

    #[test]
    fn an_owner_and_those_who_revoke_are_never_inside_together() {
        const TIMES: u64 = 300;
        for round in 0..400 {
            let lock = Biased::new((0, 0));
            let is_owned = AtomicBool::new(false);
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    lock.with(add);
                    is_owned.store(true, Relaxed);
                    (1..TIMES).for_each(|_| lock.with(add));
                });
                for _ in 0..2 {
                    scope.spawn(|| {
                        while !is_owned.load(Relaxed) {
                            std::hint::spin_loop();
                        }
                        // Comes at another moment in each round.
                        (0..round).for_each(|_| std::hint::spin_loop());
                        (0..TIMES).for_each(|_| lock.with(add));
                    });
                }
            });
            assert_eq!(lock.value.into_inner(), (3 * TIMES, 3 * TIMES));
        }
    }
}
