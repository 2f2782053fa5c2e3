//! Where the executable is, and the functions that this library replaces.

use std::ffi::CStr;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

static BASE: AtomicUsize = AtomicUsize::new(usize::MAX);
static STATICS: [AtomicUsize; 2] = [const { AtomicUsize::new(0) }; 2];

/// What code addresses of the executable are relative to: 0 if it was linked to be where it is.
pub fn base() -> usize {
    let known = BASE.load(Relaxed);
    if known != usize::MAX {
        return known;
    }
    // SAFETY: no pointers go in.
    let headers = unsafe { libc::getauxval(libc::AT_PHDR) } as usize;
    let start = headers & !4095;
    // SAFETY: the program headers follow the ELF header, in the executable's first page. `e_type` is at 16.
    let kind = unsafe { *((start + 16) as *const u16) };
    let base = if kind == libc::ET_DYN { start } else { 0 };
    BASE.store(base, Relaxed);
    find_statics(headers, base);
    base
}

/// Notes the range of addresses in which the executable's segments lie.
fn find_statics(headers: usize, base: usize) {
    // SAFETY: no pointers go in.
    let count = unsafe { libc::getauxval(libc::AT_PHNUM) } as usize;
    let (mut low, mut high) = (usize::MAX, 0);
    for i in 0..count {
        // SAFETY: the kernel has told how many program headers there are, and where.
        let header = unsafe { &*(headers as *const libc::Elf64_Phdr).add(i) };
        if header.p_type == libc::PT_LOAD {
            low = low.min(base + header.p_vaddr as usize);
            high = high.max(base + (header.p_vaddr + header.p_memsz) as usize);
        }
    }
    STATICS[0].store(low, Relaxed);
    STATICS[1].store(high, Relaxed);
}

/// The addresses of the executable's image.
pub fn statics() -> Range<usize> {
    base();
    STATICS[0].load(Relaxed)..STATICS[1].load(Relaxed)
}

/// Whether `address` is in the executable's image.
pub fn is_static(address: usize) -> bool {
    statics().contains(&address)
}

/// The definition of `name` that this library stands before; 0 if there is none.
pub fn next(name: &CStr) -> usize {
    // SAFETY: a name that ends with a zero.
    unsafe { libc::dlsym(libc::RTLD_NEXT, name.as_ptr()) as usize }
}

/// The definition of `name` that the program uses; 0 if there is none.
pub fn used(name: &CStr) -> usize {
    // SAFETY: a name that ends with a zero.
    unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) as usize }
}
