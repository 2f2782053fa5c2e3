//! Memory that the program maps for itself: at addresses that are the same in every execution, and none of them twice.
//!
//! An address that was unmapped is not given again: what happened at it would be taken for what happens there.

use super::raw;
use super::state::is_controlled;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Where they are: in the window of the shadow memory that is found by arithmetic.
const START: usize = 0x1200_0000_0000;

/// From one to the next: a page lies between them.
const PAGE: usize = 4096;

static NEXT: AtomicUsize = AtomicUsize::new(START);

fn map(at: usize, size: usize, access: i32, flags: i32, fd: i32, offset: usize) -> usize {
    let at = match at {
        0 if is_controlled() => NEXT.fetch_add(size.next_multiple_of(PAGE) + PAGE, Relaxed),
        at => at,
    };
    // SAFETY: the caller's own call; where it left the place to the system, it is a wish.
    let got = unsafe {
        raw::call(libc::SYS_mmap, [at, size, access as usize, flags as usize, fd as usize, offset])
    };
    raw::result(got) as usize
}

#[cfg_attr(not(test), unsafe(no_mangle))]
extern "C" fn mmap(at: usize, size: usize, access: i32, flags: i32, fd: i32, offset: usize) -> usize {
    map(at, size, access, flags, fd, offset)
}

#[cfg_attr(not(test), unsafe(no_mangle))]
extern "C" fn mmap64(at: usize, size: usize, access: i32, flags: i32, fd: i32, offset: usize) -> usize {
    map(at, size, access, flags, fd, offset)
}
