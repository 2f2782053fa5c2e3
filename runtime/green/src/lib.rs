#![cfg_attr(docsrs, feature(doc_cfg))]
//! Goroutines, channels, `select!` and std's synchronisation, with every interleaving of your tests checked.
//!
//! ```toml
//! [dependencies]
//! gorace = "0.1"                                       # std-shaped names are plain re-exports of std
//! [dev-dependencies]
//! gorace = { version = "0.1", features = ["check"] }   # in tests they are checked
//! ```
//!
//! ```no_run
//! # #[cfg(feature = "check")] {
//! use gorace::sync::{Arc, Mutex};
//!
//! gorace::check(|| {
//!     let count = Arc::new(Mutex::new(0));
//!     let other = count.clone();
//!     let handle = gorace::go!({ *other.lock().unwrap() += 1; });
//!     *count.lock().unwrap() += 1;
//!     handle.join().unwrap();
//!     assert_eq!(*count.lock().unwrap(), 2);
//! });
//! # }
//! ```
//!
//! With the feature `check` each type works in both worlds: inside an execution (the body of a
//! `#[checked_test]` or of [`check`](crate::check()) ) it is modelled and every scheduling is explored; outside it behaves as
//! std's does. Without the feature the std-shaped names are std's, and the crate depends on its macros alone.
//!
//! With the feature `goroutines`, for programs, [`go!`] starts a green thread on a few OS threads outside of executions,
//! and whatever waits there parks it: see `docs/GO.md`.

pub mod cell;
pub mod chan;
pub mod collections;
pub mod context;
pub mod future;
pub mod go;
pub mod hint;
mod model;
mod named;
#[cfg(feature = "goroutines")]
pub mod net;
mod outside;
pub mod runtime;
pub mod sync;
pub mod thread;
pub mod time;

#[cfg(feature = "check")]
pub mod check;
#[cfg(feature = "check")]
mod inside;

#[doc(hidden)]
pub mod private;
#[doc(hidden)]
pub use private as __private;

pub use chan::{Chan, Receiver, Sender, chan};
#[cfg(feature = "check")]
pub use check::{Checker, Outcome, check};
#[doc(inline)]
pub use go::{go, go_named};
pub use model::{any, assume};
pub use named::{Detach, Named};

#[cfg(all(feature = "macros", feature = "check"))]
pub use gorace_macros::{checked_test, main};
#[cfg(all(feature = "macros", not(feature = "check")))]
pub use gorace_macros::{checked_test_without_check as checked_test, main_without_check as main};
