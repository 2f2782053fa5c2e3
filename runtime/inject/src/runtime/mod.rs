//! The library in the program.
//!
//! It defines what instrumented code calls (`__tsan_..`) and takes the place of those functions of the C library by
//! which a program waits, starts threads, allocates, and sees time pass. The dynamic linker finds these definitions
//! before the C library's, also for calls made inside the prebuilt parts of std.
//!
//! Invariants: one thread of the program runs at a time, and only it is inside [`state::with`]; nothing in here is
//! instrumented, allocates from the program's heap, or goes back into a function that it has replaced. Only
//! [`schedule::visit`] switches tasks.

#![cfg_attr(
    test,
    allow(
        dead_code,
        reason = "what the program calls is not in a test: it would replace the C library there"
    )
)]

// `unsafe` is in the files that are named so, and in no other: they face the program, or the kernel.
#[cfg(not(test))]
#[allow(unsafe_code)]
mod atomics;
#[allow(unsafe_code)]
mod base;
#[cfg(not(test))]
#[allow(unsafe_code)]
mod c_locks;
#[allow(unsafe_code)]
mod canary;
#[allow(unsafe_code)]
mod child;
mod clocks;
mod contexts;
#[allow(unsafe_code)]
mod descriptors;
mod driven;
#[allow(unsafe_code)]
mod files;
#[allow(unsafe_code)]
mod finish;
#[allow(unsafe_code)]
mod futex;
#[allow(unsafe_code)]
mod heap;
#[cfg(not(test))]
#[allow(unsafe_code)]
mod heap_symbols;
#[allow(unsafe_code)]
mod mappings;
mod memory;
#[cfg(not(test))]
#[allow(unsafe_code)]
mod memory_symbols;
#[allow(unsafe_code)]
mod own;
#[allow(unsafe_code)]
mod processes;
#[allow(unsafe_code)]
mod raw;
#[allow(unsafe_code)]
mod schedule;
#[allow(unsafe_code)]
mod server;
#[allow(unsafe_code)]
mod shadow;
#[allow(unsafe_code)]
mod stacks;
#[allow(unsafe_code)]
mod start;
#[allow(unsafe_code)]
mod state;
#[allow(unsafe_code)]
mod threads;
#[allow(unsafe_code)]
mod time;
#[allow(unsafe_code)]
mod unwind;
#[allow(unsafe_code)]
mod waits;
mod words;
