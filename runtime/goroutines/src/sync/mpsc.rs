//! `mpsc`, with std's signatures and std's errors.
//!
//! One lock a channel, and lines for those who wait: the receiver for a value, senders for room, and with no room at
//! all each sender for its receive.

use crate::reason::Reason;
use crate::sync::line::Line;
use crate::thread::after;
use std::cell::Cell;
use std::collections::VecDeque;
use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU8, Ordering::Acquire, Ordering::Release};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub use std::sync::mpsc::{RecvError, RecvTimeoutError, SendError, TryRecvError, TrySendError};

/// A channel without a limit: sending never waits.
///
/// ```
/// let (tx, rx) = gorace_goroutines::sync::mpsc::channel();
/// tx.send(1).unwrap();
/// drop(tx);
/// assert_eq!(rx.iter().collect::<Vec<_>>(), [1]);
/// ```
#[must_use]
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let core = Core::new(None);
    (Sender(core.clone()), Receiver(core, PhantomData))
}

/// A channel that holds `bound` values; with 0 each send waits for its receive.
///
/// ```
/// let (tx, rx) = gorace_goroutines::sync::mpsc::sync_channel(1);
/// tx.send(1).unwrap();
/// assert!(tx.try_send(2).is_err());
/// assert_eq!(rx.recv(), Ok(1));
/// ```
#[must_use]
pub fn sync_channel<T>(bound: usize) -> (SyncSender<T>, Receiver<T>) {
    let core = Core::new(Some(bound));
    (SyncSender(core.clone()), Receiver(core, PhantomData))
}

/// The sending side of [`channel`].
pub struct Sender<T>(Arc<Core<T>>);

/// The sending side of [`sync_channel`].
pub struct SyncSender<T>(Arc<Core<T>>);

/// The receiving side: there is one.
pub struct Receiver<T>(Arc<Core<T>>, PhantomData<Cell<()>>);

struct Core<T> {
    state: Mutex<State<T>>,
    /// The receiver, if it waits.
    receiving: Line,
    /// Senders that wait for room.
    sending: Line,
    /// Senders that wait until their value was taken.
    handing: Line<Arc<AtomicU8>>,
    bound: Option<usize>,
}

struct State<T> {
    values: VecDeque<Value<T>>,
    senders: usize,
    has_receiver: bool,
    /// Whether the receiver waits now: only then may a `try_send` without room hand over.
    is_received: usize,
}

struct Value<T> {
    value: T,
    /// Without room: what tells its sender that it was taken.
    taken: Option<Arc<AtomicU8>>,
}

const LIES: u8 = 0;
const TAKEN: u8 = 1;

impl<T> Core<T> {
    fn new(bound: Option<usize>) -> Arc<Self> {
        let state = State { values: VecDeque::new(), senders: 1, has_receiver: true, is_received: 0 };
        Arc::new(Core {
            state: Mutex::new(state),
            receiving: Line::new(),
            sending: Line::new(),
            handing: Line::new(),
            bound,
        })
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has_room(&self, state: &State<T>) -> bool {
        self.bound.is_none_or(|bound| state.values.len() < bound)
    }

    #[track_caller]
    fn send(&self, value: T) -> Result<(), SendError<T>> {
        if self.bound == Some(0) {
            return self.hand_over(value);
        }
        loop {
            let mut state = self.state();
            if !state.has_receiver {
                return Err(SendError(value));
            }
            if self.has_room(&state) {
                state.values.push_back(Value { value, taken: None });
                drop(state);
                self.wake_receiver();
                return Ok(());
            }
            let waiter = self.sending.enter(());
            drop(state);
            waiter.wait(Reason::ChanSend);
        }
    }

    #[track_caller]
    fn hand_over(&self, value: T) -> Result<(), SendError<T>> {
        let taken = Arc::new(AtomicU8::new(LIES));
        let mut state = self.state();
        if !state.has_receiver {
            return Err(SendError(value));
        }
        state.values.push_back(Value { value, taken: Some(taken.clone()) });
        let waiter = self.handing.enter(taken.clone());
        drop(state);
        self.wake_receiver();
        waiter.wait(Reason::ChanSend);
        if taken.load(Acquire) == TAKEN {
            return Ok(());
        }
        // The receiver went away: the value is taken back.
        let mut state = self.state();
        let is_mine = |value: &Value<T>| value.taken.as_ref().is_some_and(|other| Arc::ptr_eq(other, &taken));
        let mine = state.values.iter().position(is_mine).and_then(|at| state.values.remove(at));
        mine.map_or(Ok(()), |mine| Err(SendError(mine.value)))
    }

    fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        let mut state = self.state();
        if !state.has_receiver {
            return Err(TrySendError::Disconnected(value));
        }
        let fits = if self.bound == Some(0) {
            // As many as receivers wait for.
            state.values.len() < state.is_received
        } else {
            self.has_room(&state)
        };
        if !fits {
            return Err(TrySendError::Full(value));
        }
        state.values.push_back(Value { value, taken: None });
        drop(state);
        self.wake_receiver();
        Ok(())
    }

    fn wake_receiver(&self) {
        if !self.receiving.is_empty() {
            self.receiving.wake_one();
        }
    }

    fn try_recv(&self) -> Result<T, TryRecvError> {
        let mut state = self.state();
        let Some(first) = state.values.pop_front() else {
            return Err(if state.senders == 0 { TryRecvError::Disconnected } else { TryRecvError::Empty });
        };
        drop(state);
        match first.taken {
            Some(taken) => {
                taken.store(TAKEN, Release);
                // It is the longest that waits.
                self.handing.wake_while(|other| other.load(Acquire) == TAKEN);
            }
            None if !self.sending.is_empty() => self.sending.wake_one(),
            None => {}
        }
        Ok(first.value)
    }

    #[track_caller]
    fn recv(&self, deadline: Option<Instant>) -> Result<T, RecvTimeoutError> {
        loop {
            match self.try_recv() {
                Ok(value) => return Ok(value),
                Err(TryRecvError::Disconnected) => return Err(RecvTimeoutError::Disconnected),
                Err(TryRecvError::Empty) => {}
            }
            let mut state = self.state();
            if !state.values.is_empty() || state.senders == 0 {
                continue;
            }
            let waiter = self.receiving.enter(());
            state.is_received += 1;
            drop(state);
            let woken = match deadline {
                None => {
                    waiter.wait(Reason::ChanReceive);
                    true
                }
                Some(deadline) => waiter.wait_until(Reason::ChanReceive, deadline),
            };
            self.state().is_received -= 1;
            if !woken && self.receiving.leave(&waiter) {
                // What came in this moment is not lost.
                return match self.try_recv() {
                    Ok(value) => Ok(value),
                    Err(TryRecvError::Disconnected) => Err(RecvTimeoutError::Disconnected),
                    Err(TryRecvError::Empty) => Err(RecvTimeoutError::Timeout),
                };
            }
        }
    }

    fn drop_sender(&self) {
        let mut state = self.state();
        state.senders -= 1;
        let was_last = state.senders == 0;
        drop(state);
        if was_last {
            self.receiving.wake_all();
        }
    }

    fn drop_receiver(&self) {
        let mut state = self.state();
        state.has_receiver = false;
        // What a sender waits for is taken back by itself.
        let (kept, dropped) =
            std::mem::take(&mut state.values).into_iter().partition(|value| value.taken.is_some());
        state.values = kept;
        drop(state);
        self.sending.wake_all();
        self.handing.wake_all();
        drop::<VecDeque<Value<T>>>(dropped);
    }
}

impl<T> Sender<T> {
    /// Sends a value; never waits.
    ///
    /// # Errors
    /// The value given back, if the receiver is gone.
    #[track_caller]
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        self.0.send(value)
    }
}

impl<T> SyncSender<T> {
    /// Sends a value, waiting for room; with no room at all, for its receive.
    ///
    /// # Errors
    /// The value given back, if the receiver is gone.
    #[track_caller]
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        self.0.send(value)
    }

    /// Sends a value if that can be done at once.
    ///
    /// # Errors
    /// The value given back, if there is no room or the receiver is gone.
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        self.0.try_send(value)
    }
}

impl<T> Receiver<T> {
    /// Receives a value, waiting for one.
    ///
    /// # Errors
    /// If the channel is empty and all senders are gone.
    #[track_caller]
    pub fn recv(&self) -> Result<T, RecvError> {
        self.0.recv(None).map_err(|_| RecvError)
    }

    /// Receives a value if there is one.
    ///
    /// # Errors
    /// If the channel is empty, and whether all senders are gone.
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        self.0.try_recv()
    }

    /// Receives a value, waiting for one for so long at most.
    ///
    /// # Errors
    /// If none came in time, or the channel is empty and all senders are gone.
    #[track_caller]
    pub fn recv_timeout(&self, timeout: Duration) -> Result<T, RecvTimeoutError> {
        self.0.recv(Some(after(timeout)))
    }

    /// The values until all senders are gone.
    pub fn iter(&self) -> Iter<'_, T> {
        Iter(self)
    }

    /// The values that are there.
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

macro_rules! iterators {
    ($([$($lt:lifetime)?] $name:ty, $recv:ident;)*) => {$(
        impl<$($lt,)? T> Iterator for $name {
            type Item = T;

            #[track_caller]
            fn next(&mut self) -> Option<T> {
                self.0.$recv().ok()
            }
        }
    )*};
}
iterators!(['a] Iter<'a, T>, recv; ['a] TryIter<'a, T>, try_recv; [] IntoIter<T>, recv;);

impl<'a, T> IntoIterator for &'a Receiver<T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<T> IntoIterator for Receiver<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    fn into_iter(self) -> IntoIter<T> {
        IntoIter(self)
    }
}

macro_rules! senders {
    ($($sender:ident),*) => {$(
        impl<T> Clone for $sender<T> {
            fn clone(&self) -> Self {
                self.0.state().senders += 1;
                $sender(self.0.clone())
            }
        }

        impl<T> Drop for $sender<T> {
            fn drop(&mut self) {
                self.0.drop_sender();
            }
        }

        impl<T> fmt::Debug for $sender<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($sender)).finish_non_exhaustive()
            }
        }
    )*};
}
senders!(Sender, SyncSender);

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.0.drop_receiver();
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").finish_non_exhaustive()
    }
}
