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

#[cfg(not(test))]
mod atomics;
mod base;
#[cfg(not(test))]
mod c_locks;
mod canary;
mod child;
mod clocks;
mod contexts;
mod descriptors;
mod driven;
mod files;
mod finish;
mod futex;
mod heap;
#[cfg(not(test))]
mod heap_symbols;
mod mappings;
mod memory;
#[cfg(not(test))]
mod memory_symbols;
mod own;
mod processes;
mod raw;
mod schedule;
mod server;
mod shadow;
mod stacks;
mod start;
mod state;
mod threads;
mod time;
mod unwind;
mod waits;
mod words;
