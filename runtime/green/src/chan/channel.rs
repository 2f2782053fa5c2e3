//! What a channel is behind its handles, in both worlds.

use crate::chan::plain::{self, Attempt};
use crate::chan::{TryRecvError, TrySendError};
use std::sync::Arc;

#[cfg(feature = "check")]
use crate::chan::Chan;
#[cfg(feature = "check")]
use crate::inside::context::{Inside, inside};
#[cfg(feature = "check")]
use gorace_analyzer::{ObjIx, ObjectKind, Place};
#[cfg(feature = "check")]
use gorace_engine::{Op, Reply};

pub(super) const SEND_ON_CLOSED: &str = "send on closed channel";
const CLOSE_OF_CLOSED: &str = "close of closed channel";

/// A channel and all its worlds.
pub(crate) struct Core<T> {
    pub plain: plain::Channel<T>,
    /// Whether its length and capacity are not shown: it is a timer's, which has room for one tick.
    pub(super) is_timer: bool,
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
    pub(super) fn send(&self, value: T) {
        #[cfg(feature = "check")]
        if let Some(inside) = self.modelled.slot.inside_to_change() {
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
    pub(super) fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        #[cfg(feature = "check")]
        if let Some(inside) = self.modelled.slot.inside_to_change() {
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
    pub(super) fn recv(&self) -> Option<T> {
        #[cfg(feature = "check")]
        if let Some(inside) = self.modelled.slot.inside_to_change() {
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
    pub(super) fn try_recv(&self) -> Result<T, TryRecvError> {
        #[cfg(feature = "check")]
        if let Some(inside) = self.modelled.slot.inside_to_change() {
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
    pub(super) fn close(&self) {
        #[cfg(feature = "check")]
        if let Some(inside) = self.modelled.slot.inside_to_change() {
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
    pub(super) fn len(&self) -> usize {
        if self.is_timer {
            return 0;
        }
        #[cfg(feature = "check")]
        if let Some(inside) = self.modelled.slot.inside_to_change() {
            let channel = self.object(inside);
            return match inside.visit(Op::Len { channel }, Place::here()) {
                Reply::Value(len) => len as usize,
                _ => 0,
            };
        }
        self.plain.len()
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
