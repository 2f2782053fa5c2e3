//! The C library's functions for memory, on our heap.
//!
//! A block that is handed out was accessed by nobody, and is written by whoever gets it: it may be zero, and then be read
//! by others without a write that instrumented code made. One that is freed is written too, so that later accesses
//! by those who did not learn of that are races.

use super::base;
use super::heap::{self, New};
use super::raw;
use super::shadow::{HEAP, WRITE};
use super::state::{is_controlled, is_on, is_stray, is_tracking, with};

/// How much of a block counts as accessed when it is handed out or freed.
const ACCESSED: usize = 1024;

fn allocate(size: usize, align: usize) -> Option<New> {
    if is_stray() {
        // A thread that is ending: it must not disturb which blocks the others get.
        let at = raw::reserve(0, size + 2 * align.max(4096))?;
        return Some(New { start: (at + 64).next_multiple_of(align.max(16)), fresh: true });
    }
    let controlled = is_controlled();
    let node = if controlled {
        with(|runtime| {
            let current = runtime.current.at();
            runtime.threads[current].calls.node(&mut runtime.contexts)
        })
    } else {
        0
    };
    let new = heap::with(|heap| heap.allocate(size, align, node, 0));
    if let Some(new) = &new
        && controlled
        && is_tracking()
    {
        with(|runtime| {
            if !new.fresh {
                runtime.shadow.clear(new.start, size);
            }
            runtime.access(new.start, size.min(ACCESSED), WRITE | HEAP, 0);
        });
    }
    new
}

fn or_null(new: Option<New>) -> usize {
    new.map_or_else(
        || {
            raw::set_errno(libc::ENOMEM);
            0
        },
        |new| new.start,
    )
}

fn size_of(block: usize) -> usize {
    heap::with(|heap| heap.block(block)).filter(|found| found.start == block).map_or(0, |found| found.size)
}

#[unsafe(no_mangle)]
extern "C" fn malloc(size: usize) -> usize {
    or_null(allocate(size, 16))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn calloc(count: usize, size: usize) -> usize {
    let Some(size) = count.checked_mul(size) else { return or_null(None) };
    let Some(new) = allocate(size, 16) else { return or_null(None) };
    if !new.fresh {
        // SAFETY: the block is so large.
        unsafe { std::ptr::write_bytes(new.start as *mut u8, 0, size) };
    }
    new.start
}

#[unsafe(no_mangle)]
unsafe extern "C" fn realloc(old: usize, size: usize) -> usize {
    if old == 0 {
        return or_null(allocate(size, 16));
    }
    let Some(new) = allocate(size, 16) else { return or_null(None) };
    let kept = size_of(old).min(size);
    // SAFETY: both blocks are so large, and not the same.
    unsafe { std::ptr::copy_nonoverlapping(old as *const u8, new.start as *mut u8, kept) };
    free(old);
    new.start
}

#[unsafe(no_mangle)]
extern "C" fn free(block: usize) {
    if block == 0 || !heap::owns(block) || is_stray() {
        return;
    }
    if is_on() && is_controlled() && is_tracking() {
        let size = size_of(block).min(ACCESSED);
        with(|runtime| runtime.access(block, size, WRITE | HEAP, 0));
    }
    heap::with(|heap| heap.free(block));
}

#[unsafe(no_mangle)]
unsafe extern "C" fn posix_memalign(block: *mut usize, align: usize, size: usize) -> i32 {
    match allocate(size, align) {
        Some(new) => {
            // SAFETY: the program passes room for a pointer.
            unsafe { *block = new.start };
            0
        }
        None => libc::ENOMEM,
    }
}

#[unsafe(no_mangle)]
extern "C" fn aligned_alloc(align: usize, size: usize) -> usize {
    or_null(allocate(size, align))
}

#[unsafe(no_mangle)]
extern "C" fn memalign(align: usize, size: usize) -> usize {
    or_null(allocate(size, align))
}

#[unsafe(no_mangle)]
extern "C" fn malloc_usable_size(block: usize) -> usize {
    size_of(block)
}

/// Whether the program's calls come here: else nothing of it would be seen.
pub fn is_in_place() -> Option<&'static str> {
    let ours: [(&std::ffi::CStr, usize, &str); 4] = [
        (c"malloc", malloc as *const () as usize, "malloc"),
        (c"free", free as *const () as usize, "free"),
        (c"calloc", calloc as *const () as usize, "calloc"),
        (c"realloc", realloc as *const () as usize, "realloc"),
    ];
    ours.into_iter().find(|(name, own, _)| base::used(name) != *own).map(|(_, _, word)| word)
}
