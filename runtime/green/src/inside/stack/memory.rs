//! The memory of a stack: pages of its own, the lowest of which nobody may touch. Between that one and what the task
//! is to use lies the reserve.

use super::reserve::Reserve;
use std::io::{Error, Result};

/// Pages that grow downwards from [`Memory::top`] to the reserve and a guard page. Unmapped when dropped.
pub(crate) struct Memory {
    pub reserve: Reserve,
    lowest: *mut u8,
    len: usize,
}

impl Memory {
    /// A page of x86_64.
    pub const PAGE: usize = 4096;

    /// `size` bytes, up to whole pages and one at the least, the reserve and the guard page. Nothing is committed before
    /// it is touched.
    pub fn new(size: usize) -> Result<Self> {
        let too_large = || Error::from(std::io::ErrorKind::OutOfMemory);
        let usable = size.max(1).checked_next_multiple_of(Self::PAGE).ok_or_else(too_large)?;
        let below = Self::PAGE + Reserve::SIZE;
        let len = usable.checked_add(below).ok_or_else(too_large)?;
        let flags = libc::MAP_ANONYMOUS | libc::MAP_PRIVATE;
        // SAFETY: a new mapping at an address of the kernel's choice.
        let lowest = unsafe { libc::mmap(std::ptr::null_mut(), len, libc::PROT_NONE, flags, -1, 0) };
        if lowest == libc::MAP_FAILED {
            return Err(Error::last_os_error());
        }
        // SAFETY: within the mapping.
        let reserve = Reserve::at(unsafe { lowest.byte_add(Self::PAGE) }.cast());
        let memory = Memory { reserve, lowest: lowest.cast(), len };
        let access = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: the part of our own mapping that follows the reserve.
        match unsafe { libc::mprotect(lowest.byte_add(below), usable, access) } {
            0 => Ok(memory),
            _ => Err(Error::last_os_error()),
        }
    }

    /// The address after the last byte.
    pub fn top(&self) -> *mut u8 {
        self.lowest.wrapping_add(self.len)
    }

    pub fn is_in_guard(&self, address: usize) -> bool {
        address.wrapping_sub(self.lowest.addr()) < Self::PAGE
    }

    /// Whether it is in the guard or above.
    pub fn contains(&self, address: usize) -> bool {
        address.wrapping_sub(self.lowest.addr()) < self.len
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: our own mapping, which nobody uses any more: who runs on a stack keeps it.
        unsafe { libc::munmap(self.lowest.cast(), self.len) };
    }
}
