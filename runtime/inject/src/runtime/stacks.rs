//! The stacks of threads, main's too: at fixed addresses, each used once, so that their shadow is clean.

use super::raw;

/// Where they are: in the window of the shadow memory that is found by arithmetic.
const START: usize = 0x1100_0000_0000;
/// From one to the next.
const STRIDE: usize = 1 << 26;
/// Bytes below each that must not be touched.
pub const GUARD: usize = 4096;
/// Of main, and of a thread that asks for nothing.
pub const DEFAULT: usize = 8 << 20;
/// Slots; a large stack takes several.
const SLOTS: usize = 1 << 14;

/// A stack.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Stack {
    /// Its lowest byte.
    pub low: usize,
    /// How large it is.
    pub size: usize,
}

impl Stack {
    /// Whether `address` is in it.
    pub fn holds(self, address: usize) -> bool {
        (self.low..self.low + self.size).contains(&address)
    }
}

/// Hands out stacks, in order.
#[derive(Debug, Default)]
pub struct Stacks {
    next: usize,
}

impl Stacks {
    /// A stack of at least `size` bytes, with a page below it that must not be touched; `None` if there is no room.
    pub fn take(&mut self, size: usize) -> Option<Stack> {
        let size = size.next_multiple_of(4096);
        let slots = (size + GUARD).div_ceil(STRIDE);
        if self.next + slots > SLOTS {
            return None;
        }
        let at = raw::reserve(START + self.next * STRIDE, size + GUARD)?;
        self.next += slots;
        // SAFETY: the lowest page of the new mapping.
        unsafe { raw::call(libc::SYS_mprotect, [at, GUARD, 0, 0, 0, 0]) };
        Some(Stack { low: at + GUARD, size })
    }
}
