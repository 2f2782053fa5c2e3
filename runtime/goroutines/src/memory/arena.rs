//! Memory that is handed out from below and kept for ever: the blocks' own.
//!
//! Where there are many goroutines it lies in huge pages, if the system likes to give them: the kernel then clears two
//! megabytes at one touch instead of finding five hundred pages one by one.

use std::ptr::NonNull;
use std::sync::{Mutex, PoisonError};

/// How much is asked for at a time, in bytes: at first, and at the most.
const FIRST: usize = 64 << 10;
const MOST: usize = 4 << 20;

/// From this on a piece is worth huge pages.
const HUGE: usize = 2 << 20;

struct Arena {
    next: usize,
    end: usize,
    piece: usize,
}

static ARENA: Mutex<Arena> = Mutex::new(Arena { next: 0, end: 0, piece: FIRST });

/// `size` bytes, all zero; a multiple of 64, and so is the address. `None`: the system has no more.
pub(super) fn take(size: usize) -> Option<NonNull<u8>> {
    debug_assert!(size.is_multiple_of(64) && size <= FIRST);
    let mut arena = ARENA.lock().unwrap_or_else(PoisonError::into_inner);
    if arena.end - arena.next < size {
        let piece = arena.piece;
        arena.next = map(piece)?.as_ptr().expose_provenance();
        arena.end = arena.next + piece;
        arena.piece = (piece * 2).min(MOST);
    }
    let taken = arena.next;
    arena.next += size;
    NonNull::new(std::ptr::with_exposed_provenance_mut(taken))
}

fn map(size: usize) -> Option<NonNull<u8>> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: a new mapping, where the system likes.
    let start =
        unsafe { libc::mmap(std::ptr::null_mut(), size, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0) };
    if start == libc::MAP_FAILED {
        return None;
    }
    #[cfg(target_os = "linux")]
    if size >= HUGE {
        // SAFETY: advice on the mapping made above.
        unsafe { libc::madvise(start, size, libc::MADV_HUGEPAGE) };
    }
    NonNull::new(start.cast())
}
