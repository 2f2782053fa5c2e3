//! What instrumented code calls for each plain access and each call of a function.
//!
//! The names and the arguments are ThreadSanitizer's (LLVM, `compiler-rt/lib/tsan`); the return address of each call is
//! the place of the access.

use super::memory::access;
use super::shadow::{ATOMIC, WRITE, is_nothing_new, is_repeated, is_tracking};
use super::state::{is_on, with};
use std::arch::naked_asm;

const VOLATILE: u8 = ATOMIC;

extern "C" fn plain<const SIZE: usize, const KIND: u8>(address: usize, pc: usize) {
    if !is_nothing_new::<SIZE>(address, KIND) {
        range(address, SIZE, u32::from(KIND), pc);
    }
}

/// What the executable could not tell to be nothing new, for itself: see `accesses.in.rs` of the command line.
#[unsafe(no_mangle)]
extern "C" fn __gorace_access(address: usize, size: usize, kind: u32, pc: usize) {
    if !is_repeated(address, size, kind as u8) {
        range(address, size, kind, pc);
    }
}

/// Kept apart, so that what precedes it needs no stack.
#[cold]
#[inline(never)]
extern "C" fn range(address: usize, size: usize, kind: u32, pc: usize) {
    if is_tracking() {
        access(address, size, kind as u8, pc);
    }
}

macro_rules! accesses {
    ($($name:ident $size:literal $kind:expr;)*) => {
        $(
            #[unsafe(naked)]
            #[unsafe(no_mangle)]
            unsafe extern "C" fn $name(_address: usize) {
                naked_asm!("mov rsi, [rsp]", "jmp {to}", to = sym plain::<$size, { $kind }>)
            }
        )*
    };
}

accesses! {
    __tsan_read1 1 0; __tsan_read2 2 0; __tsan_read4 4 0; __tsan_read8 8 0; __tsan_read16 16 0;
    __tsan_write1 1 WRITE; __tsan_write2 2 WRITE; __tsan_write4 4 WRITE; __tsan_write8 8 WRITE; __tsan_write16 16 WRITE;
    __tsan_unaligned_read2 2 0; __tsan_unaligned_read4 4 0; __tsan_unaligned_read8 8 0; __tsan_unaligned_read16 16 0;
    __tsan_unaligned_write2 2 WRITE; __tsan_unaligned_write4 4 WRITE; __tsan_unaligned_write8 8 WRITE;
    __tsan_unaligned_write16 16 WRITE;
    __tsan_volatile_read1 1 VOLATILE; __tsan_volatile_read2 2 VOLATILE; __tsan_volatile_read4 4 VOLATILE;
    __tsan_volatile_read8 8 VOLATILE; __tsan_volatile_read16 16 VOLATILE;
    __tsan_volatile_write1 1 VOLATILE | WRITE; __tsan_volatile_write2 2 VOLATILE | WRITE;
    __tsan_volatile_write4 4 VOLATILE | WRITE; __tsan_volatile_write8 8 VOLATILE | WRITE;
    __tsan_volatile_write16 16 VOLATILE | WRITE;
    __tsan_unaligned_volatile_read2 2 VOLATILE; __tsan_unaligned_volatile_read4 4 VOLATILE;
    __tsan_unaligned_volatile_read8 8 VOLATILE; __tsan_unaligned_volatile_read16 16 VOLATILE;
    __tsan_unaligned_volatile_write2 2 VOLATILE | WRITE; __tsan_unaligned_volatile_write4 4 VOLATILE | WRITE;
    __tsan_unaligned_volatile_write8 8 VOLATILE | WRITE; __tsan_unaligned_volatile_write16 16 VOLATILE | WRITE;
    __tsan_vptr_read 8 0;
}

#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn __tsan_vptr_update(_address: usize, _value: usize) {
    naked_asm!("mov rsi, [rsp]", "jmp {to}", to = sym plain::<8, WRITE>)
}

macro_rules! ranges {
    ($($name:ident $kind:literal;)*) => {
        $(
            #[unsafe(naked)]
            #[unsafe(no_mangle)]
            unsafe extern "C" fn $name(_address: usize, _size: usize) {
                naked_asm!("mov rcx, [rsp]", "mov edx, {kind}", "jmp {to}", kind = const $kind, to = sym range)
            }
        )*
    };
}

ranges! { __tsan_read_range 0; __tsan_write_range 1; }

unsafe extern "C" {
    fn memcpy(to: usize, from: usize, size: usize) -> usize;
    fn memmove(to: usize, from: usize, size: usize) -> usize;
    fn memset(to: usize, byte: i32, size: usize) -> usize;
}

unsafe extern "C" fn copied(to: usize, from: usize, size: usize, pc: usize) -> usize {
    if is_tracking() {
        access(to, size, WRITE, pc);
        access(from, size, 0, pc);
    }
    // SAFETY: the program's own call.
    unsafe { memcpy(to, from, size) }
}

unsafe extern "C" fn moved(to: usize, from: usize, size: usize, pc: usize) -> usize {
    if is_tracking() {
        access(to, size, WRITE, pc);
        access(from, size, 0, pc);
    }
    // SAFETY: the program's own call.
    unsafe { memmove(to, from, size) }
}

unsafe extern "C" fn filled(to: usize, byte: i32, size: usize, pc: usize) -> usize {
    if is_tracking() {
        access(to, size, WRITE, pc);
    }
    // SAFETY: the program's own call.
    unsafe { memset(to, byte, size) }
}

macro_rules! blocks {
    ($($name:ident $to:ident;)*) => {
        $(
            #[unsafe(naked)]
            #[unsafe(no_mangle)]
            unsafe extern "C" fn $name() {
                naked_asm!("mov rcx, [rsp]", "jmp {to}", to = sym $to)
            }
        )*
    };
}

blocks! { __tsan_memcpy copied; __tsan_memmove moved; __tsan_memset filled; }

#[unsafe(no_mangle)]
extern "C" fn __tsan_init() {}

#[unsafe(no_mangle)]
extern "C" fn __tsan_func_entry(pc: usize) {
    if is_on() {
        with(|runtime| runtime.thread().calls.enter(pc as u64));
    }
}

#[unsafe(no_mangle)]
extern "C" fn __tsan_func_exit() {
    if is_on() {
        with(|runtime| runtime.thread().calls.leave());
    }
}

#[unsafe(no_mangle)]
extern "C" fn __tsan_ignore_thread_begin() {}

#[unsafe(no_mangle)]
extern "C" fn __tsan_ignore_thread_end() {}
