//! `chan`, `Chan`, `Sender`, `Receiver`: the handles of a channel.

use crate::chan::channel::misuse;
use crate::chan::{Core, TryRecvError, TrySendError};
use std::fmt;
use std::sync::Arc;

#[cfg(feature = "check")]
use crate::inside::context::inside;
#[cfg(feature = "check")]
use gorace_analyzer::{OpKind, Place};
#[cfg(feature = "check")]
use gorace_engine::Op;

/// A new channel that buffers `capacity` values; with 0 a send waits for its receive.
///
/// ```
/// let (tx, rx) = gorace::chan(1);
/// tx.send("hello");
/// tx.close();
/// assert_eq!(rx.recv(), Some("hello"));
/// assert_eq!(rx.recv(), None);
/// ```
#[track_caller]
#[must_use]
#[inline]
pub fn chan<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    let core = Core::new(capacity);
    (Sender(Some(core.clone())), Receiver(Some(core)))
}

/// Why somebody waits for what never comes.
#[derive(Clone, Copy)]
pub(crate) enum Never {
    /// A send on the nil channel.
    Send,
    /// A receive from it.
    Recv,
    /// A `select!` without arms.
    Select,
}

/// Waits for what never comes.
#[track_caller]
#[inline]
pub(crate) fn wait_for_ever(never: Never) -> ! {
    #[cfg(feature = "check")]
    if let Some(inside) = inside() {
        let kind = match never {
            Never::Send => OpKind::Send,
            Never::Recv => OpKind::Recv,
            Never::Select => OpKind::Select,
        };
        inside.visit(Op::Forever { kind }, Place::here());
        crate::inside::teardown::never(inside);
    }
    crate::outside::wait_for_ever(never)
}

const CLOSE_OF_NIL: &str = "close of nil channel";

macro_rules! handle {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// A clone is the same channel. Dropping handles does not close it.
        pub struct $name<T>(pub(crate) Option<Arc<Core<T>>>);

        impl<T> $name<T> {
            /// The nil channel: sending and receiving wait for ever, and its arms in a `select!` are never ready.
            #[must_use]
            #[inline]
            pub const fn nil() -> Self {
                $name(None)
            }

            /// Whether it is the nil channel.
            #[must_use]
            #[inline]
            pub const fn is_nil(&self) -> bool {
                self.0.is_none()
            }

            /// The number of buffered values.
            #[track_caller]
            #[must_use]
            #[inline]
            pub fn len(&self) -> usize {
                match &self.0 {
                    Some(core) => core.len(),
                    None => 0,
                }
            }

            /// Whether no value is buffered.
            #[track_caller]
            #[must_use]
            #[inline]
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            /// The number of values that can be buffered.
            #[must_use]
            #[inline]
            pub fn cap(&self) -> usize {
                self.0.as_ref().map_or(0, |core| if core.is_timer { 0 } else { core.plain.capacity() })
            }

            /// Closes the channel: receivers get what is buffered and then `None`.
            ///
            /// # Panics
            /// `close of closed channel`, `close of nil channel`; senders that wait then panic with `send on closed
            /// channel`.
            #[track_caller]
            #[inline]
            pub fn close(&self) {
                match &self.0 {
                    Some(core) => core.close(),
                    None => misuse(CLOSE_OF_NIL),
                }
            }
        }

        impl<T> Clone for $name<T> {
            #[inline]
            fn clone(&self) -> Self {
                $name(self.0.clone())
            }
        }

        impl<T> fmt::Debug for $name<T> {
            #[inline]
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).field("cap", &self.cap()).finish_non_exhaustive()
            }
        }
    };
}

macro_rules! sending {
    ($name:ident) => {
        impl<T> $name<T> {
            /// Sends, waiting for room, or for a receiver if nothing is buffered.
            ///
            /// # Panics
            /// `send on closed channel`, also if it is closed while the send waits.
            #[track_caller]
            #[inline]
            pub fn send(&self, value: T) {
                match &self.0 {
                    Some(core) => core.send(value),
                    None => wait_for_ever(Never::Send),
                }
            }

            /// Sends if that is possible at once.
            ///
            /// # Errors
            /// Gives the value back if there is no room or the channel is closed.
            #[track_caller]
            #[inline]
            pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
                match &self.0 {
                    Some(core) => core.try_send(value),
                    None => Err(TrySendError::Full(value)),
                }
            }
        }
    };
}

macro_rules! receiving {
    ($name:ident) => {
        impl<T> $name<T> {
            /// Receives, waiting for a value; `None` once the channel is closed and drained.
            #[track_caller]
            #[inline]
            pub fn recv(&self) -> Option<T> {
                match &self.0 {
                    Some(core) => core.recv(),
                    None => wait_for_ever(Never::Recv),
                }
            }

            /// Receives if there is a value.
            ///
            /// # Errors
            /// [`TryRecvError::Empty`] if there is none yet, [`TryRecvError::Closed`] if there never will be.
            #[track_caller]
            #[inline]
            pub fn try_recv(&self) -> Result<T, TryRecvError> {
                match &self.0 {
                    Some(core) => core.try_recv(),
                    None => Err(TryRecvError::Empty),
                }
            }
        }
    };
}

handle!(
    /// A channel in both directions, as Go's `chan T`.
    Chan
);
handle!(
    /// The sending side, as Go's `chan<- T`.
    Sender
);
handle!(
    /// The receiving side, as Go's `<-chan T`.
    Receiver
);
sending!(Chan);
sending!(Sender);
receiving!(Chan);
receiving!(Receiver);

impl<T> Chan<T> {
    /// A new channel that buffers `capacity` values.
    #[track_caller]
    #[must_use]
    #[inline]
    pub fn new(capacity: usize) -> Self {
        Chan(Some(Core::new(capacity)))
    }

    /// The sending side of the same channel.
    #[must_use]
    #[inline]
    pub fn sender(&self) -> Sender<T> {
        Sender(self.0.clone())
    }

    /// The receiving side of the same channel.
    #[must_use]
    #[inline]
    pub fn receiver(&self) -> Receiver<T> {
        Receiver(self.0.clone())
    }
}

/// The name goes with the channel, so that it is given before [`sender`](Chan::sender) and
/// [`receiver`](Chan::receiver) are called.
///
/// ```
/// use gorace::{Chan, Named};
/// let jobs = Chan::new(1).named("jobs");
/// jobs.sender().send(1);
/// # assert_eq!(jobs.recv(), Some(1));
/// ```
impl<T> crate::Named for Chan<T> {
    #[cfg_attr(not(feature = "check"), allow(unused_mut, unused_variables))]
    fn named(mut self, name: &'static str) -> Self {
        #[cfg(feature = "check")]
        if let Some(core) = self.0.as_mut().and_then(Arc::get_mut) {
            core.modelled.slot.set_name(name);
        }
        self
    }
}
