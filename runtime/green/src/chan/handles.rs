//! `chan`, `Chan`, `Sender`, `Receiver`: the handles of a channel.

use crate::chan::plain::{self, Attempt};
use std::fmt;
use std::sync::Arc;

#[cfg(feature = "check")]
use crate::inside::context::{Inside, inside};
#[cfg(feature = "check")]
use gorace_analyzer::{ObjIx, ObjectKind, Place};
#[cfg(feature = "check")]
use gorace_engine::{Op, Reply};

pub(crate) const SEND_ON_CLOSED: &str = "send on closed channel";
const CLOSE_OF_CLOSED: &str = "close of closed channel";
const CLOSE_OF_NIL: &str = "close of nil channel";

/// A channel and all its worlds.
pub(crate) struct Core<T> {
    pub plain: plain::Channel<T>,
    /// Whether its length and capacity are not shown: it is a timer's, which has room for one tick.
    is_timer: bool,
    #[cfg(feature = "check")]
    pub modelled: super::checked::Modelled<T>,
    #[cfg(feature = "check")]
    kind: ObjectKind,
    /// A timer's: what a tick is, by the engine's time.
    #[cfg(feature = "check")]
    tick: Option<fn(u64) -> T>,
}

impl Core<crate::time::Instant> {
    /// The channel of a timer.
    #[track_caller]
    #[inline]
    pub fn timer() -> Arc<Self> {
        Arc::new(Core {
            plain: plain::Channel::new(1),
            is_timer: true,
            #[cfg(feature = "check")]
            modelled: super::checked::Modelled::new(),
            #[cfg(feature = "check")]
            kind: ObjectKind::Timer,
            #[cfg(feature = "check")]
            tick: Some(crate::time::Instant::of_nanos),
        })
    }
}

impl Core<()> {
    /// The channel of a context's `done`.
    #[track_caller]
    #[inline]
    pub fn context() -> Arc<Self> {
        Arc::new(Core {
            plain: plain::Channel::new(0),
            is_timer: false,
            #[cfg(feature = "check")]
            modelled: super::checked::Modelled::new(),
            #[cfg(feature = "check")]
            kind: ObjectKind::Context,
            #[cfg(feature = "check")]
            tick: None,
        })
    }
}

impl<T> Core<T> {
    #[track_caller]
    #[inline]
    pub fn new(capacity: usize) -> Arc<Self> {
        Arc::new(Core {
            plain: plain::Channel::new(capacity),
            is_timer: false,
            #[cfg(feature = "check")]
            modelled: super::checked::Modelled::new(),
            #[cfg(feature = "check")]
            kind: ObjectKind::Channel,
            #[cfg(feature = "check")]
            tick: None,
        })
    }

    #[cfg(feature = "check")]
    #[inline]
    pub fn object(&self, inside: Inside) -> ObjIx {
        let capacity = self.plain.capacity() as u64;
        inside.object(&self.modelled.slot, self.kind, std::any::type_name::<Chan<T>>, capacity)
    }

    /// The value that a receive got.
    #[cfg(feature = "check")]
    #[inline]
    pub fn received(&self, handle: u64) -> Option<T> {
        match self.tick {
            Some(tick) => Some(tick(handle)),
            None => self.modelled.take(handle),
        }
    }

    #[track_caller]
    #[inline]
    fn send(&self, value: T) {
        #[cfg(feature = "check")]
        if let Some(inside) = inside() {
            let channel = self.object(inside);
            let handle = self.modelled.put(value);
            match inside.visit(Op::Send { channel, handle }, Place::here()) {
                Reply::Misuse(words) => inside.misuse(words),
                Reply::Closed => drop(self.modelled.take(handle)),
                _ => {}
            }
            return;
        }
        assert!(self.plain.send(value).is_ok(), "{SEND_ON_CLOSED}");
    }

    #[track_caller]
    #[inline]
    fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        #[cfg(feature = "check")]
        if let Some(inside) = inside() {
            let channel = self.object(inside);
            let handle = self.modelled.put(value);
            let reply = inside.visit(Op::TrySend { channel, handle }, Place::here());
            return match (reply, self.modelled_value(reply, handle)) {
                (Reply::WouldBlock, Some(value)) => Err(TrySendError::Full(value)),
                (Reply::Closed, Some(value)) => Err(TrySendError::Closed(value)),
                _ => Ok(()),
            };
        }
        match self.plain.try_send(value) {
            Attempt::NotReady(Some(value)) => Err(TrySendError::Full(value)),
            Attempt::Closed(value) => Err(TrySendError::Closed(value)),
            Attempt::Done(_) | Attempt::NotReady(None) => Ok(()),
        }
    }

    /// The value that a send gave back, if it was not taken over.
    #[cfg(feature = "check")]
    #[inline]
    fn modelled_value(&self, reply: Reply, handle: u64) -> Option<T> {
        matches!(reply, Reply::WouldBlock | Reply::Closed).then(|| self.modelled.take(handle)).flatten()
    }

    #[track_caller]
    #[inline]
    fn recv(&self) -> Option<T> {
        #[cfg(feature = "check")]
        if let Some(inside) = inside() {
            let channel = self.object(inside);
            return match inside.visit(Op::Recv { channel }, Place::here()) {
                Reply::Value(handle) => self.received(handle),
                _ => None,
            };
        }
        self.plain.recv()
    }

    #[track_caller]
    #[inline]
    fn try_recv(&self) -> Result<T, TryRecvError> {
        #[cfg(feature = "check")]
        if let Some(inside) = inside() {
            let channel = self.object(inside);
            return match inside.visit(Op::TryRecv { channel }, Place::here()) {
                Reply::Value(handle) => self.received(handle).ok_or(TryRecvError::Closed),
                Reply::WouldBlock => Err(TryRecvError::Empty),
                _ => Err(TryRecvError::Closed),
            };
        }
        match self.plain.try_recv() {
            Attempt::Done(Some(value)) => Ok(value),
            Attempt::Done(None) => Err(TryRecvError::Closed),
            _ => Err(TryRecvError::Empty),
        }
    }

    #[track_caller]
    #[inline]
    fn close(&self) {
        #[cfg(feature = "check")]
        if let Some(inside) = inside() {
            let channel = self.object(inside);
            if let Reply::Misuse(words) = inside.visit(Op::Close { channel }, Place::here()) {
                inside.misuse(words);
            }
            return;
        }
        assert!(self.plain.close(), "{CLOSE_OF_CLOSED}");
    }

    #[track_caller]
    #[inline]
    fn len(&self) -> usize {
        if self.is_timer {
            return 0;
        }
        #[cfg(feature = "check")]
        if let Some(inside) = inside() {
            let channel = self.object(inside);
            return match inside.visit(Op::Len { channel }, Place::here()) {
                Reply::Value(len) => len as usize,
                _ => 0,
            };
        }
        self.plain.len()
    }
}

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

/// Waits for what never comes, as an operation on a nil channel does.
#[track_caller]
#[inline]
pub(crate) fn wait_for_ever() -> ! {
    #[cfg(feature = "check")]
    if let Some(inside) = inside() {
        inside.visit(Op::Forever, Place::here());
        crate::inside::teardown::never(inside);
    }
    loop {
        std::thread::park();
    }
}

/// Panics in the user's name, in Go's words.
#[track_caller]
#[inline]
pub(crate) fn misuse(words: &'static str) -> ! {
    #[cfg(feature = "check")]
    if let Some(inside) = inside() {
        inside.misuse(words);
    }
    panic!("{words}")
}

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
                    None => wait_for_ever(),
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
                    None => wait_for_ever(),
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
