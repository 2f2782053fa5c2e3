//! The bias of a lock: the one thread whose executions take and leave it by plain loads and stores.
//!
//! Inside an execution the engine says whose turn it is, and a locked instruction would buy nothing. But safe code may
//! hand the object to a thread that no execution controls, so somebody has to keep that one out. It does so itself: it
//! takes the real lock, takes the bias away for good, and waits for whoever is in by the bias to leave.
//!
//! This is lock reservation (Kawachiya, Koseki, Onodera, OOPSLA 2002; taking it away as in Dice, Moir, Scherer, "Quickly
//! reacquirable locks", 2010). The owner stores that it is in and then looks whether it is still the owner; the other one
//! stores that it is not and then looks whether it is in. One of the two must see what the other one stored, which takes
//! a barrier between the store and the look on both sides. The owner's keeps back the compiler alone, and the other one's
//! is `membarrier`, which is a full one on every processor that runs a thread of this process: an asymmetric fence, as in
//! folly and crossbeam.
//!
//! Invariants:
//! * `held` is written by nobody but the thread that is, or was, the owner. There is one at most: the owner is set once.
//! * The owner is set, and its right extended, with the real lock held; it is taken away with the real lock held.
//! * Whoever has the real lock has the object once the bias is away and `held` allows it, and not before. That the bias is
//!   [`AWAY`] says that the barrier is over; whoever finds it [`GOING`], as several may who share the real lock, makes one.
//!
//! It wakes nobody, and a bias that is away never comes back. Where there is no such barrier, nobody is ever the owner. The
//! address of a bias does not matter: what holds it may be moved whenever nobody borrows it.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};
use std::sync::atomic::{AtomicI32, AtomicU32, compiler_fence};

/// The owner before there is one.
const NOBODY: u32 = 0;
/// Added to an owner that may read alone: others may read by the real lock at the same time.
const READS: u32 = 1;
/// The bias was taken away, and no barrier has followed yet.
const GOING: u32 = u32::MAX - 1;
/// The bias was taken away.
const AWAY: u32 = u32::MAX;

/// One thread's executions, in the eyes of a [`Bias`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Token(u32);

impl Token {
    /// Of executions that own no lock. Not to be mistaken for an owner, with or without [`READS`].
    pub(super) const NONE: Token = Token(GOING - 2);
    const FIRST: u32 = 2;

    /// For the calling thread: one that nobody else has in this process.
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(Token::FIRST);
        if !barrier::is_there() {
            return Token::NONE;
        }
        let next = |next| (next != Token::NONE.0).then_some(next + 2);
        NEXT.fetch_update(Relaxed, Relaxed, next).map_or(Token::NONE, Token)
    }
}

/// In what way a lock is held, as the number that stands for it in [`Bias::held`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Way {
    /// Others may read too.
    Read = 1,
    /// Nobody else has it.
    Alone = -1,
}

impl Way {
    /// Whether one more may come in, in this way.
    #[inline(always)]
    fn fits(self, held: i32) -> bool {
        match self {
            // Guards may be leaked without end.
            Way::Read => held >= FREE && held != i32::MAX,
            Way::Alone => held == FREE,
        }
    }
}

/// [`Bias::held`] where nobody is in.
const FREE: i32 = 0;

/// In a lock, beside the real one: who owns it, and how far the owner is in.
#[derive(Debug)]
pub(crate) struct Bias {
    /// [`NOBODY`], a token, perhaps with [`READS`], [`GOING`] or [`AWAY`].
    owner: AtomicU32,
    /// The sum of those who are in by the bias: n readers, or -1.
    held: AtomicI32,
}

impl Bias {
    /// Of nobody's yet.
    pub const fn new() -> Self {
        Bias { owner: AtomicU32::new(NOBODY), held: AtomicI32::new(FREE) }
    }

    /// Takes the lock, if `token`'s executions own it and it is free; whether it did.
    #[inline(always)]
    pub fn take(&self, token: Token, way: Way) -> bool {
        if !self.is_owned(token, way) {
            return false;
        }
        let before = self.held.load(Relaxed);
        if !way.fits(before) {
            return false;
        }
        self.held.store(before.wrapping_add(way as i32), Release);
        // The other side's barrier is a full one here too: see `take_away`.
        compiler_fence(SeqCst);
        if self.is_owned(token, way) {
            return true;
        }
        self.held.store(before, Release);
        false
    }

    /// Leaves the lock that was taken by the bias.
    #[inline(always)]
    pub fn leave(&self, way: Way) {
        self.held.store(self.held.load(Relaxed).wrapping_sub(way as i32), Release);
    }

    #[inline(always)]
    fn is_owned(&self, token: Token, way: Way) -> bool {
        let owner = self.owner.load(Relaxed);
        match way {
            Way::Read => owner & !READS == token.0,
            Way::Alone => owner == token.0,
        }
    }

    /// Whether whoever has the real lock in this way has the object too, as far as the bias goes. It was taken away
    /// before, or is the caller's.
    pub fn lets_in(&self, way: Way) -> bool {
        way.fits(self.held.load(Acquire))
    }

    /// Whether it is the executions' of `token`, who are in, so that nobody may come in in this way.
    pub fn keeps_out(&self, token: Token, way: Way) -> bool {
        self.is_owned(token, Way::Read) && !self.lets_in(way)
    }

    /// Makes the executions of `token` the owner, if there was none, and takes the lock in their name. The calling thread
    /// is theirs, and has the real lock in this way; if this succeeds it is to let go of it.
    pub fn give(&self, token: Token, way: Way) -> bool {
        if token == Token::NONE {
            return false;
        }
        let is_given = match way {
            // Others may share the real lock and do the same, or take the bias away again.
            Way::Read => self.owner.compare_exchange(NOBODY, token.0 | READS, SeqCst, SeqCst).is_ok(),
            Way::Alone => {
                let owner = self.owner.load(Relaxed);
                let is_new = owner == NOBODY || (owner == token.0 | READS && self.lets_in(way));
                if is_new {
                    self.owner.store(token.0, Relaxed);
                }
                is_new
            }
        };
        if is_given {
            self.held.store(way as i32, Release);
        }
        is_given
    }

    /// Takes the bias away for ever, if there is one. The caller has the real lock, perhaps with others who read.
    #[inline]
    pub fn take_away(&self) {
        let owner = self.owner.load(Acquire);
        if owner != NOBODY && owner != AWAY {
            self.take_away_from_owner();
        }
    }

    #[cold]
    fn take_away_from_owner(&self) {
        self.owner.store(GOING, SeqCst);
        barrier::full_everywhere();
        // Whoever sees this may look at `held` as if the barrier were its own.
        self.owner.store(AWAY, Release);
    }

    /// Whether somebody is in by the bias.
    pub fn is_held(&self) -> bool {
        self.held.load(Acquire) != FREE
    }
}

/// The barrier that is paid for by the other side alone.
#[cfg(target_os = "linux")]
mod barrier {
    use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

    // As in Linux's `membarrier.h`; not every libc that we work with has them.
    const PRIVATE_EXPEDITED: libc::c_int = 1 << 3;
    const REGISTER_PRIVATE_EXPEDITED: libc::c_int = 1 << 4;

    static IS_THERE: AtomicBool = AtomicBool::new(false);

    #[used]
    // SAFETY: the section holds pointers to functions that the loader calls once, before `main`.
    #[unsafe(link_section = ".init_array")]
    static REGISTER: extern "C" fn() = register;

    /// Before `main` there is one thread, and it costs nothing; later the kernel waits for all processors, some 10 ms.
    extern "C" fn register() {
        IS_THERE.store(membarrier(REGISTER_PRIVATE_EXPEDITED), Relaxed);
    }

    pub fn is_there() -> bool {
        IS_THERE.load(Relaxed)
    }

    /// A full barrier on every processor that runs a thread of this process.
    pub fn full_everywhere() {
        // In a child of `fork` it is perhaps to be asked for again.
        let is_done = membarrier(PRIVATE_EXPEDITED)
            || (membarrier(REGISTER_PRIVATE_EXPEDITED) && membarrier(PRIVATE_EXPEDITED));
        assert!(
            is_done,
            "the system refuses `membarrier`, which it granted when the process began, so that a lock which an execution \
             has used cannot be given to another thread: do not forbid it while the process runs"
        );
    }

    fn membarrier(command: libc::c_int) -> bool {
        // SAFETY: the call reads and writes no memory of ours.
        unsafe { libc::syscall(libc::SYS_membarrier, command, 0 as libc::c_int) == 0 }
    }
}

#[cfg(not(target_os = "linux"))]
mod barrier {
    pub fn is_there() -> bool {
        false
    }

    pub fn full_everywhere() {
        unreachable!("without the barrier nobody owns a lock")
    }
}
