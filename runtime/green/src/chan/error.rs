//! Why a `try_send` or a `try_recv` could not be done.

use std::fmt;

/// Why a value was not sent at once; it comes back in the error.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TrySendError<T> {
    /// No room, or no receiver.
    Full(T),
    /// The channel is closed.
    Closed(T),
}

/// Why no value was received at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TryRecvError {
    /// There is none yet.
    Empty,
    /// The channel is closed and drained.
    Closed,
}

impl<T> fmt::Display for TrySendError<T> {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TrySendError::Full(_) => "the channel has no room",
            TrySendError::Closed(_) => "the channel is closed",
        })
    }
}

impl fmt::Display for TryRecvError {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TryRecvError::Empty => "the channel has no value yet",
            TryRecvError::Closed => "the channel is closed and drained",
        })
    }
}

impl<T: fmt::Debug> std::error::Error for TrySendError<T> {}
impl std::error::Error for TryRecvError {}
