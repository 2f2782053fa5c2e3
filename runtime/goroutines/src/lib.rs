//! Goroutines for real: green threads on a few OS threads, for programs outside of a check.
//!
//! A goroutine costs what its stack has touched, waits without its OS thread, and is started by [`go`] as cheaply as
//! a function call that allocates. The types in [`sync`] and [`thread`] have std's signatures, and work from plain OS
//! threads too.
//!
//! ```
//! use gorace_goroutines::{go, sync::Mutex};
//! use std::sync::Arc;
//!
//! let sum = Arc::new(Mutex::new(0));
//! let adding: Vec<_> = (1..=100)
//!     .map(|n| {
//!         let sum = sum.clone();
//!         go(move || *sum.lock().unwrap() += n)
//!     })
//!     .collect();
//! adding.into_iter().for_each(|goroutine| goroutine.join().unwrap());
//! assert_eq!(*sum.lock().unwrap(), 5050);
//! ```

pub mod blocking;
mod coroutine;
mod end;
mod fatal;
mod fiber;
mod go;
mod main_goroutine;
mod memory;
mod monitor;
pub mod net;
mod os;
mod place;
mod prim;
mod reason;
mod registry;
pub mod runtime;
mod sched;
mod service;
mod signal;
mod signals;
mod span;
mod stack;
pub mod sync;
mod task;
pub mod thread;
pub mod timers;

pub use go::{Builder, go};
pub use main_goroutine::run_main;
pub use memory::Shared;
pub use reason::Reason;
pub use stack::DEFAULT_STACK_SIZE;
pub use task::{Task, goroutine_id, park, park_as, park_until, yield_now};
