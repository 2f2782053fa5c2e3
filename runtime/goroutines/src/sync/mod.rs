//! Locks and channels shaped as std's, whose waiting parks the goroutine.

mod barrier;
mod condvar;
mod lazy_lock;
mod line;
pub mod mpsc;
mod mutex;
mod once;
mod once_lock;
mod raw_mutex;
mod rwlock;

pub use barrier::{Barrier, BarrierWaitResult};
pub use condvar::{Condvar, WaitTimeoutResult};
pub use lazy_lock::LazyLock;
pub(crate) use line::Line;
pub use mutex::{Mutex, MutexGuard};
pub use once::{Once, OnceState};
pub use once_lock::OnceLock;
pub use raw_mutex::RawMutex;
pub use rwlock::{RwLock, RwLockReadGuard, RwLockWriteGuard};
