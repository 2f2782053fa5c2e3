//! `mpsc`, with std's signatures and std's errors.
//!
//! A channel belongs to the world that it was made in: std's own outside of an execution, a modelled one
//! inside. Using one of the first kind inside is uncontrolled nondeterminism, and is reported.

use crate::chan::Modelled;
use crate::inside::context::{Inside, inside};
use crate::outside::sync::mpsc as outside;
use gorace_analyzer::{ObjIx, ObjectKind, Place};
use gorace_engine::{MpscOp, NEVER, Op, Reply, TimerOp};
use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

pub use std::sync::mpsc::{RecvError, RecvTimeoutError, SendError, TryRecvError, TrySendError};

/// A channel without a limit: sending never waits.
///
/// ```
/// let (tx, rx) = gorace::sync::mpsc::channel();
/// tx.send(1).unwrap();
/// drop(tx);
/// assert_eq!(rx.iter().collect::<Vec<_>>(), [1]);
/// ```
#[track_caller]
#[inline]
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let Some(inside) = inside() else {
        let (tx, rx) = outside::channel();
        return (Sender(Side::Outside(tx)), Receiver(Side::Outside(rx), PhantomData));
    };
    let core = Core::new(inside, u64::MAX);
    (Sender(Side::Inside(core.clone())), Receiver(Side::Inside(core), PhantomData))
}

/// A channel that holds `bound` values; with 0 each send waits for its receive.
///
/// ```
/// let (tx, rx) = gorace::sync::mpsc::sync_channel(1);
/// tx.send(1).unwrap();
/// assert!(tx.try_send(2).is_err());
/// assert_eq!(rx.recv(), Ok(1));
/// ```
#[track_caller]
#[inline]
pub fn sync_channel<T>(bound: usize) -> (SyncSender<T>, Receiver<T>) {
    let Some(inside) = inside() else {
        let (tx, rx) = outside::sync_channel(bound);
        return (SyncSender(Side::Outside(tx)), Receiver(Side::Outside(rx), PhantomData));
    };
    let core = Core::new(inside, bound as u64);
    (SyncSender(Side::Inside(core.clone())), Receiver(Side::Inside(core), PhantomData))
}

/// The sending side of [`channel`].
pub struct Sender<T>(Side<T, outside::Sender<T>>);

/// The sending side of [`sync_channel`].
pub struct SyncSender<T>(Side<T, outside::SyncSender<T>>);

/// The receiving side: there is one.
pub struct Receiver<T>(Side<T, outside::Receiver<T>>, PhantomData<Cell<()>>);

enum Side<T, O> {
    Outside(O),
    Inside(Arc<Core<T>>),
}

/// A channel of an execution.
struct Core<T> {
    modelled: Modelled<T>,
    capacity: u64,
}

impl<T> Core<T> {
    #[track_caller]
    #[inline]
    fn new(inside: Inside, capacity: u64) -> Arc<Self> {
        let core = Arc::new(Core { modelled: Modelled::new(), capacity });
        // Known from the start, since its senders are counted from then on.
        let channel = core.object(inside);
        core.add_sender(inside, channel);
        core
    }

    #[inline]
    fn object(&self, inside: Inside) -> ObjIx {
        let name = std::any::type_name::<Receiver<T>>;
        inside.object(&self.modelled.slot, ObjectKind::Channel, name, self.capacity)
    }

    #[inline]
    fn add_sender(&self, inside: Inside, channel: ObjIx) {
        if !inside.tearing_down() {
            inside.with(|cx| cx.exec.add_sender(channel));
        }
    }

    #[inline]
    fn send(&self, value: T, place: Place) -> Result<(), SendError<T>> {
        let Some(inside) = self.modelled.slot.inside_to_change() else { return Err(SendError(value)) };
        let handle = self.modelled.put(value);
        let channel = self.object(inside);
        match inside.visit(Op::Send { channel, handle }, place) {
            Reply::Closed => self.modelled.take(handle).map_or(Ok(()), |value| Err(SendError(value))),
            _ => Ok(()),
        }
    }

    #[inline]
    fn try_send(&self, value: T, place: Place) -> Result<(), TrySendError<T>> {
        let Some(inside) = self.modelled.slot.inside_to_change() else {
            return Err(TrySendError::Disconnected(value));
        };
        let handle = self.modelled.put(value);
        let channel = self.object(inside);
        let failed: fn(T) -> TrySendError<T> = match inside.visit(Op::TrySend { channel, handle }, place) {
            Reply::Closed => TrySendError::Disconnected,
            Reply::WouldBlock => TrySendError::Full,
            _ => return Ok(()),
        };
        self.modelled.take(handle).map_or(Ok(()), |value| Err(failed(value)))
    }

    #[inline]
    fn recv(&self, place: Place) -> Result<T, RecvError> {
        let inside = self.modelled.slot.inside_to_change().ok_or(RecvError)?;
        match inside.visit(Op::Recv { channel: self.object(inside) }, place) {
            Reply::Value(handle) => self.modelled.take(handle).ok_or(RecvError),
            _ => Err(RecvError),
        }
    }

    #[inline]
    fn try_recv(&self, place: Place) -> Result<T, TryRecvError> {
        let inside = self.modelled.slot.inside_to_change().ok_or(TryRecvError::Disconnected)?;
        match inside.visit(Op::TryRecv { channel: self.object(inside) }, place) {
            Reply::Value(handle) => self.modelled.take(handle).ok_or(TryRecvError::Disconnected),
            Reply::WouldBlock => Err(TryRecvError::Empty),
            _ => Err(TryRecvError::Disconnected),
        }
    }

    #[inline]
    fn recv_timeout(&self, timeout: Duration, place: Place) -> Result<T, RecvTimeoutError> {
        let inside = self.modelled.slot.inside_to_change().ok_or(RecvTimeoutError::Disconnected)?;
        let channel = self.object(inside);
        let reply = match crate::time::nanos(timeout) {
            NEVER => inside.visit(Op::Recv { channel }, place),
            nanos => inside.visit(TimerOp::RecvTimeout { channel, nanos }, place),
        };
        match reply {
            Reply::Value(handle) => self.modelled.take(handle).ok_or(RecvTimeoutError::Disconnected),
            Reply::Flag(_) => Err(RecvTimeoutError::Timeout),
            _ => Err(RecvTimeoutError::Disconnected),
        }
    }

    /// One sender more, for a clone.
    #[inline]
    fn cloned(self: &Arc<Self>) -> Arc<Self> {
        if let Some(inside) = self.modelled.slot.inside_to_change() {
            self.add_sender(inside, self.object(inside));
        }
        self.clone()
    }

    #[inline]
    fn drop_sender(&self) {
        if let Some((inside, channel)) = self.modelled.slot.known_inside() {
            inside.visit_in_drop(MpscOp::DropSender { channel }, Place::Unknown);
        }
    }

    #[inline]
    fn drop_receiver(&self) {
        if let Some((inside, channel)) = self.modelled.slot.known_inside() {
            inside.visit_in_drop(MpscOp::DropReceiver { channel }, Place::Unknown);
            // Their destructors are the user's code: nothing is borrowed meanwhile.
            for handle in inside.with(|cx| cx.exec.take_dropped(channel)) {
                drop(self.modelled.take(handle));
            }
        }
    }
}

/// The channel was made outside: inside an execution nobody could tell when it is ready.
#[inline]
fn only_outside() {
    if let Some(inside) = inside()
        && !inside.tearing_down()
    {
        inside.foreign(
            "an mpsc channel made outside of the execution is used inside: make it there".to_owned(),
        );
    }
}

impl<T> Sender<T> {
    /// Sends a value; never waits.
    ///
    /// # Errors
    /// The value given back, if the receiver is gone.
    #[track_caller]
    #[inline]
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        match &self.0 {
            Side::Inside(core) => core.send(value, Place::here()),
            Side::Outside(tx) => {
                only_outside();
                tx.send(value)
            }
        }
    }
}

impl<T> SyncSender<T> {
    /// Sends a value, waiting for room; with no room at all, for its receive.
    ///
    /// # Errors
    /// The value given back, if the receiver is gone.
    #[track_caller]
    #[inline]
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        match &self.0 {
            Side::Inside(core) => core.send(value, Place::here()),
            Side::Outside(tx) => {
                only_outside();
                tx.send(value)
            }
        }
    }

    /// Sends a value if that can be done at once.
    ///
    /// # Errors
    /// The value given back, if there is no room or the receiver is gone.
    #[track_caller]
    #[inline]
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        match &self.0 {
            Side::Inside(core) => core.try_send(value, Place::here()),
            Side::Outside(tx) => {
                only_outside();
                tx.try_send(value)
            }
        }
    }
}

impl<T> Receiver<T> {
    /// Receives a value, waiting for one.
    ///
    /// # Errors
    /// If the channel is empty and all senders are gone.
    #[track_caller]
    #[inline]
    pub fn recv(&self) -> Result<T, RecvError> {
        match &self.0 {
            Side::Inside(core) => core.recv(Place::here()),
            Side::Outside(rx) => {
                only_outside();
                rx.recv()
            }
        }
    }

    /// Receives a value if there is one.
    ///
    /// # Errors
    /// If the channel is empty, and whether all senders are gone.
    #[track_caller]
    #[inline]
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        match &self.0 {
            Side::Inside(core) => core.try_recv(Place::here()),
            Side::Outside(rx) => {
                only_outside();
                rx.try_recv()
            }
        }
    }

    /// Receives a value, waiting for one for so long at most.
    ///
    /// # Errors
    /// If none came in time, or the channel is empty and all senders are gone.
    ///
    /// ```
    /// use gorace::sync::mpsc::{self, RecvTimeoutError};
    /// use gorace::time::Duration;
    /// let (tx, rx) = mpsc::channel::<u8>();
    /// assert_eq!(rx.recv_timeout(Duration::from_millis(1)), Err(RecvTimeoutError::Timeout));
    /// drop(tx);
    /// assert_eq!(rx.recv_timeout(Duration::from_millis(1)), Err(RecvTimeoutError::Disconnected));
    /// ```
    #[track_caller]
    #[inline]
    pub fn recv_timeout(&self, timeout: Duration) -> Result<T, RecvTimeoutError> {
        match &self.0 {
            Side::Inside(core) => core.recv_timeout(timeout, Place::here()),
            Side::Outside(rx) => {
                only_outside();
                rx.recv_timeout(timeout)
            }
        }
    }

    /// The values until all senders are gone.
    #[inline]
    pub fn iter(&self) -> Iter<'_, T> {
        Iter(self)
    }

    /// The values that are there.
    #[inline]
    pub fn try_iter(&self) -> TryIter<'_, T> {
        TryIter(self)
    }
}

/// The values of a borrowed receiver; see [`Receiver::iter`].
#[derive(Debug)]
pub struct Iter<'a, T>(&'a Receiver<T>);

/// The values that are there; see [`Receiver::try_iter`].
#[derive(Debug)]
pub struct TryIter<'a, T>(&'a Receiver<T>);

/// The values of a receiver.
#[derive(Debug)]
pub struct IntoIter<T>(Receiver<T>);

impl<T> Iterator for Iter<'_, T> {
    type Item = T;

    #[track_caller]
    #[inline]
    fn next(&mut self) -> Option<T> {
        self.0.recv().ok()
    }
}

impl<T> Iterator for TryIter<'_, T> {
    type Item = T;

    #[track_caller]
    #[inline]
    fn next(&mut self) -> Option<T> {
        self.0.try_recv().ok()
    }
}

impl<T> Iterator for IntoIter<T> {
    type Item = T;

    #[track_caller]
    #[inline]
    fn next(&mut self) -> Option<T> {
        self.0.recv().ok()
    }
}

impl<'a, T> IntoIterator for &'a Receiver<T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    #[inline]
    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<T> IntoIterator for Receiver<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    #[inline]
    fn into_iter(self) -> IntoIter<T> {
        IntoIter(self)
    }
}

macro_rules! senders {
    ($($sender:ident),*) => {$(
        impl<T> Clone for $sender<T> {
            #[inline]
            fn clone(&self) -> Self {
                $sender(match &self.0 {
                    Side::Outside(tx) => Side::Outside(tx.clone()),
                    Side::Inside(core) => Side::Inside(core.cloned()),
                })
            }
        }

        impl<T> Drop for $sender<T> {
            #[inline]
            fn drop(&mut self) {
                if let Side::Inside(core) = &self.0 {
                    core.drop_sender();
                }
            }
        }

        impl<T> fmt::Debug for $sender<T> {
            #[inline]
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($sender)).finish_non_exhaustive()
            }
        }
    )*};
}
senders!(Sender, SyncSender);

impl<T> Drop for Receiver<T> {
    #[inline]
    fn drop(&mut self) {
        if let Side::Inside(core) = &self.0 {
            core.drop_receiver();
        }
    }
}

impl<T> fmt::Debug for Receiver<T> {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").finish_non_exhaustive()
    }
}
