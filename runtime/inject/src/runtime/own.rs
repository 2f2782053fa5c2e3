//! The runtime's own heap, on a mapping of its own at a fixed address: never the program's.
//!
//! One thread is in the runtime at a time, so it needs no lock. What is freed goes to a list of its size class.

use super::raw;
use std::alloc::{GlobalAlloc, Layout};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Where it is, and how large it may become.
const START: usize = 0x1400_0000_0000;
const SIZE: usize = 1 << 38;

/// Size classes: powers of two from 16 bytes.
const CLASSES: usize = 36;

struct Own {
    next: AtomicUsize,
    free: [AtomicUsize; CLASSES],
}

#[cfg_attr(not(test), global_allocator)]
static OWN: Own = Own { next: AtomicUsize::new(0), free: [const { AtomicUsize::new(0) }; CLASSES] };

fn class(layout: Layout) -> usize {
    let size = layout.size().max(layout.align()).max(16).next_power_of_two();
    size.trailing_zeros() as usize - 4
}

// SAFETY: each block is cut from the mapping once, is a power of two in size and aligned to that, and is in at most
// one list, and only while it is free.
unsafe impl GlobalAlloc for Own {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let class = class(layout);
        let Some(free) = self.free.get(class) else { return std::ptr::null_mut() };
        let head = free.load(Relaxed);
        if head != 0 {
            // SAFETY: a free block's first word is the next one of its list.
            free.store(unsafe { *(head as *const usize) }, Relaxed);
            return head as *mut u8;
        }
        let size = 16 << class;
        let mut next = self.next.load(Relaxed);
        if next == 0 {
            match raw::reserve(START, SIZE) {
                Some(at) => next = at,
                None => raw::die("cannot reserve its memory: the address space is limited, see `ulimit -v`"),
            }
        }
        let at = next.next_multiple_of(size.min(4096));
        if at + size > START + SIZE {
            return std::ptr::null_mut();
        }
        self.next.store(at + size, Relaxed);
        at as *mut u8
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let free = &self.free[class(layout)];
        // SAFETY: the block is free now, and at least 16 bytes large.
        unsafe { *block.cast::<usize>() = free.load(Relaxed) };
        free.store(block as usize, Relaxed);
    }
}
