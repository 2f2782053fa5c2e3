//! Contexts, as Go's `context`: a tree of scopes that are cancelled by a call or a deadline, with everything
//! below them, and that carry values.
//!
//! By convention a context is a function's first parameter and is called `ctx`. Every handle is `Clone`, and a
//! clone is the same object. Dropping a [`Cancel`] does not cancel: what waits for a context that nothing
//! cancels is leaked, and reported.
//!
//! Inside an execution a context and all below it are cancelled in one step. In Go a goroutine may see that one is over
//! while those below it are not yet: such orders are not explored.
//!
//! ```
//! use gorace::context;
//! let (ctx, cancel) = context::with_cancel(&context::background());
//! let theirs = ctx.clone();
//! let worker = gorace::go(move || theirs.done().recv());
//! cancel.cancel();
//! worker.join().unwrap();
//! assert_eq!(ctx.err(), Some(context::Error::Canceled));
//! ```

mod after;
mod cancel;
mod ctx;
mod derive;
mod error;
mod node;
mod plain;

pub use after::{Stop, after_func};
pub use cancel::{Cancel, CancelCause};
pub use ctx::Ctx;
pub use derive::{
    background, todo, with_cancel, with_cancel_cause, with_deadline, with_timeout, with_value, without_cancel,
};
pub use error::{Cause, Error};
