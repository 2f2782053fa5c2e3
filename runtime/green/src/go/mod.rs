//! Goroutines, and Go's `sync`: locks without data inside, which any task may unlock.
//!
//! Every handle is `Clone`, and a clone is the same object, as a copied Go pointer is.

mod behalf;
#[cfg(feature = "goroutines")]
mod builder;
mod cond;
pub mod errgroup;
mod mutex;
mod once;
mod pool;
mod rw_mutex;
mod start;
mod wait_group;

#[cfg(feature = "goroutines")]
pub use builder::Builder;
pub use cond::Cond;
pub use mutex::Mutex;
pub use once::Once;
pub use pool::Pool;
pub use rw_mutex::RwMutex;
pub(crate) use start::die;
#[cfg(not(feature = "goroutines"))]
pub(crate) use start::fatal;
pub use start::{go, go_named};
pub use wait_group::WaitGroup;
