//! The zero-change door: unmodified programs under the engine's scheduler.
//!
//! Two halves. [`wire`] is what the command line and the library in the program say to each other: plain data,
//! no `unsafe`. With the feature `runtime`, on Linux on x86_64, the rest is the library itself: it takes the place of
//! the C library's threads, futexes, heap and clock, and of ThreadSanitizer's runtime, so that an instrumented program
//! runs one thread at a time, and all that happens is seen. `docs/ZERO_CHANGE.md` tells how.

#![deny(unsafe_code)]

#[cfg(all(feature = "runtime", target_os = "linux", target_arch = "x86_64"))]
mod runtime;
pub mod wire;
