//! Why a context is over.

use std::fmt;
use std::sync::Arc;

/// Why a context was cancelled, in the words of whoever did it: any error.
pub type Cause = Arc<dyn std::error::Error + Send + Sync>;

/// How a context ended.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Error {
    /// Somebody cancelled it, or what it is below.
    Canceled,
    /// Its deadline has passed, or that of what it is below.
    DeadlineExceeded,
}

impl fmt::Display for Error {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Error::Canceled => "context canceled",
            Error::DeadlineExceeded => "context deadline exceeded",
        })
    }
}

impl std::error::Error for Error {}
