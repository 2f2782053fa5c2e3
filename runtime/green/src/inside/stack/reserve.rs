//! The reserve below a task's stack, for what is under way when the stack is used up.
//!
//! Whoever overflows may be within malloc, with a lock, or within the engine, which would be left half done: he cannot be
//! ended there. So the first fault in the reserve opens it and lets him go on, up to his next operation, which ends him.
//! It does if his own frames have come so far, and not if only malloc's or the engine's have: how deep those go differs
//! between two runs of one schedule, but both are to overflow at the same operation. Only a fault below the reserve ends
//! a task where it is. Where no fault is handled, there is no reserve.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Whether the reserve of any stack is open. For good: what has overflowed once may be a little slower.
static TOUCHED: AtomicBool = AtomicBool::new(false);

/// Whether operations are to look how deep their task is.
#[inline(always)]
pub(crate) fn is_touched() -> bool {
    TOUCHED.load(Relaxed)
}

/// The lowest part of a stack, which nobody may touch until it is opened; the guard lies below it.
pub(super) struct Reserve {
    lowest: *mut u8,
    is_open: AtomicBool,
}

impl Reserve {
    /// Bytes of address space. The deepest that an operation goes, the backtrace that a replay takes, is 20 KiB; the rest
    /// is for the program's own frames until it comes to one.
    pub const SIZE: usize = if cfg!(target_os = "linux") { 256 << 10 } else { 0 };

    /// What frames may use of it before they count as an overflow: more than lies between the check for it and what was
    /// surely touched before, so that an overflow does not depend on what had touched the reserve.
    const MARGIN: usize = 8 << 10;

    /// The reserve that begins at `lowest`.
    pub fn at(lowest: *mut u8) -> Self {
        Reserve { lowest, is_open: AtomicBool::new(false) }
    }

    /// The lowest address.
    pub fn start(&self) -> usize {
        self.lowest.addr()
    }

    /// Whether a stack with a frame at `address` has overflowed.
    pub fn is_overflow(&self, address: usize) -> bool {
        address < (self.start() + Self::SIZE).saturating_sub(Self::MARGIN)
    }

    /// Opens it if the fault at `address` is one of the reserve's; may be called from a signal handler.
    pub fn open(&self, address: usize) -> bool {
        let is_ours = address.wrapping_sub(self.start()) < Self::SIZE;
        // A fault in an open one is something else.
        if !is_ours || self.is_open.swap(true, Relaxed) {
            return false;
        }
        TOUCHED.store(true, Relaxed);
        self.protect(false)
    }

    /// Closes that of a stack that is new and open as a whole.
    ///
    /// # Errors
    /// Whatever the system says.
    #[cfg(any(gorace_portable, not(all(target_arch = "x86_64", unix))))]
    pub fn close(&self) -> std::io::Result<()> {
        if self.protect(true) { Ok(()) } else { Err(std::io::Error::last_os_error()) }
    }

    /// Forbids to touch it, or allows it; whether that worked.
    #[cfg(target_os = "linux")]
    fn protect(&self, is_closed: bool) -> bool {
        let access = if is_closed { libc::PROT_NONE } else { libc::PROT_READ | libc::PROT_WRITE };
        // SAFETY: whole pages of a stack that lives, on which nobody keeps anything if they are closed.
        unsafe { libc::mprotect(self.lowest.cast(), Self::SIZE, access) == 0 }
    }

    #[cfg(not(target_os = "linux"))]
    fn protect(&self, _is_closed: bool) -> bool {
        true
    }
}
