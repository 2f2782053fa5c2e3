//! Channels between OS threads, as Go's runtime does them: a buffer, and two queues of those who wait.
//!
//! One lock for all channels makes a `select!` over several of them one step. That costs throughput where
//! many threads use many channels, and nothing where a program is only checked; an M:N runtime replaces it.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Held during every operation on any channel outside of executions.
static WORLD: Mutex<()> = Mutex::new(());

#[inline]
fn enter() -> MutexGuard<'static, ()> {
    WORLD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A thread that waits, for one channel or for several.
#[derive(Debug, Default)]
pub(crate) struct Waiter {
    /// The arm that fired, and whether a value went through (else the channel was closed).
    fired: Mutex<Option<(usize, bool)>>,
    wake: Condvar,
}

impl Waiter {
    #[inline]
    fn fire(&self, arm: usize, ok: bool) {
        *self.fired.lock().unwrap_or_else(PoisonError::into_inner) = Some((arm, ok));
        self.wake.notify_one();
    }

    #[inline]
    fn has_fired(&self) -> bool {
        self.fired.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    #[inline]
    fn wait(&self) -> (usize, bool) {
        let mut fired = self.fired.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match *fired {
                Some(outcome) => return outcome,
                None => fired = self.wake.wait(fired).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }
}

/// A place for one value on its way between two threads.
pub(crate) type Cell<T> = Arc<Mutex<Option<T>>>;

/// A cell with a value, or an empty one.
#[inline]
pub(crate) fn cell<T>(value: Option<T>) -> Cell<T> {
    Arc::new(Mutex::new(value))
}

/// Takes the value out of a cell.
#[inline]
pub(crate) fn take<T>(cell: &Cell<T>) -> Option<T> {
    cell.lock().unwrap_or_else(PoisonError::into_inner).take()
}

#[derive(Debug)]
struct Entry<T> {
    waiter: Arc<Waiter>,
    arm: usize,
    cell: Cell<T>,
}

#[derive(Debug)]
struct State<T> {
    buffer: VecDeque<T>,
    closed: bool,
    senders: VecDeque<Entry<T>>,
    receivers: VecDeque<Entry<T>>,
}

/// A channel between OS threads.
#[derive(Debug)]
pub(crate) struct Channel<T> {
    capacity: usize,
    state: Mutex<State<T>>,
}

/// What came of an attempt.
pub(crate) enum Attempt<T> {
    /// It is done; a receive has its value, `None` at the end of the channel.
    Done(Option<T>),
    /// Nobody is there, or there is no room; a send has its value back.
    NotReady(Option<T>),
    /// A send met a closed channel.
    Closed(T),
}

impl<T> Attempt<T> {
    /// Whether something was done.
    #[inline]
    pub fn is_done(&self) -> bool {
        matches!(self, Attempt::Done(_))
    }
}

impl<T> Channel<T> {
    #[inline]
    pub const fn new(capacity: usize) -> Self {
        let state = State {
            buffer: VecDeque::new(),
            closed: false,
            senders: VecDeque::new(),
            receivers: VecDeque::new(),
        };
        Channel { capacity, state: Mutex::new(state) }
    }

    #[inline]
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    #[inline]
    pub fn len(&self) -> usize {
        self.state().buffer.len()
    }

    /// Sends `value`, waiting for room or a receiver; gives it back if the channel is closed.
    #[inline]
    pub fn send(&self, value: T) -> Result<(), T> {
        let world = enter();
        let attempt = self.state().try_send(self.capacity, value);
        match attempt {
            Attempt::Done(_) => Ok(()),
            Attempt::Closed(value) => Err(value),
            Attempt::NotReady(value) => {
                let (waiter, cell) = (Arc::new(Waiter::default()), cell(value));
                self.enqueue(&waiter, 0, true, &cell);
                drop(world);
                match waiter.wait() {
                    (_, true) => Ok(()),
                    (_, false) => take(&cell).map_or(Ok(()), Err),
                }
            }
        }
    }

    /// Receives, waiting for a value or the close.
    #[inline]
    pub fn recv(&self) -> Option<T> {
        let world = enter();
        let attempt = self.state().try_recv();
        match attempt {
            Attempt::Done(value) => value,
            _ => {
                let (waiter, cell) = (Arc::new(Waiter::default()), cell(None));
                self.enqueue(&waiter, 0, false, &cell);
                drop(world);
                waiter.wait();
                take(&cell)
            }
        }
    }

    #[inline]
    pub fn try_send(&self, value: T) -> Attempt<T> {
        let _world = enter();
        self.state().try_send(self.capacity, value)
    }

    #[inline]
    pub fn try_recv(&self) -> Attempt<T> {
        let _world = enter();
        self.state().try_recv()
    }

    /// Closes the channel; `false` if it was closed already.
    #[inline]
    pub fn close(&self) -> bool {
        let _world = enter();
        let mut state = self.state();
        if std::mem::replace(&mut state.closed, true) {
            return false;
        }
        for entry in state.senders.drain(..).filter(|entry| !entry.waiter.has_fired()) {
            entry.waiter.fire(entry.arm, false);
        }
        for entry in state.receivers.drain(..).filter(|entry| !entry.waiter.has_fired()) {
            entry.waiter.fire(entry.arm, false);
        }
        true
    }

    #[inline]
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[inline]
    fn enqueue(&self, waiter: &Arc<Waiter>, arm: usize, send: bool, cell: &Cell<T>) {
        let entry = Entry { waiter: waiter.clone(), arm, cell: cell.clone() };
        let mut state = self.state();
        if send { state.senders.push_back(entry) } else { state.receivers.push_back(entry) }
    }
}

impl<T> State<T> {
    #[inline]
    fn try_send(&mut self, capacity: usize, value: T) -> Attempt<T> {
        if self.closed {
            return Attempt::Closed(value);
        }
        if let Some(entry) = next(&mut self.receivers) {
            *entry.cell.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
            entry.waiter.fire(entry.arm, true);
            return Attempt::Done(None);
        }
        if self.buffer.len() < capacity {
            self.buffer.push_back(value);
            return Attempt::Done(None);
        }
        Attempt::NotReady(Some(value))
    }

    #[inline]
    fn try_recv(&mut self) -> Attempt<T> {
        let first = self.buffer.pop_front();
        let from_sender = next(&mut self.senders).and_then(|entry| {
            let value = take(&entry.cell);
            entry.waiter.fire(entry.arm, true);
            value
        });
        match (first, from_sender) {
            (Some(first), Some(behind)) => {
                self.buffer.push_back(behind);
                Attempt::Done(Some(first))
            }
            (Some(value), None) | (None, Some(value)) => Attempt::Done(Some(value)),
            (None, None) if self.closed => Attempt::Done(None),
            (None, None) => Attempt::NotReady(None),
        }
    }

    #[inline]
    fn can_send(&mut self, capacity: usize) -> bool {
        self.receivers.retain(|entry| !entry.waiter.has_fired());
        self.closed || !self.receivers.is_empty() || self.buffer.len() < capacity
    }

    #[inline]
    fn can_recv(&mut self) -> bool {
        self.senders.retain(|entry| !entry.waiter.has_fired());
        self.closed || !self.senders.is_empty() || !self.buffer.is_empty()
    }
}

/// The first that still waits; those whose select took another arm are dropped on the way.
#[inline]
fn next<T>(queue: &mut VecDeque<Entry<T>>) -> Option<Entry<T>> {
    std::iter::from_fn(|| queue.pop_front()).find(|entry| !entry.waiter.has_fired())
}

/// One arm of a select over plain channels, whatever the type of its values.
pub(crate) trait PlainArm {
    /// Whether it could be taken at once.
    fn is_ready(&self) -> bool;
    /// Takes it, at once; whether a value went through (else the channel is closed).
    fn take_now(&self) -> bool;
    /// Queues for it as arm number `arm` of `waiter`.
    fn wait(&self, waiter: &Arc<Waiter>, arm: usize);
    /// Leaves the queue.
    fn leave(&self, waiter: &Arc<Waiter>);
}

/// A direction and a value's place at a channel.
pub(crate) struct Arm<'a, T> {
    pub channel: &'a Channel<T>,
    pub send: bool,
    pub cell: Cell<T>,
}

impl<T> PlainArm for Arm<'_, T> {
    #[inline]
    fn is_ready(&self) -> bool {
        let mut state = self.channel.state();
        if self.send { state.can_send(self.channel.capacity) } else { state.can_recv() }
    }

    #[inline]
    fn take_now(&self) -> bool {
        let mut state = self.channel.state();
        if !self.send {
            let Attempt::Done(Some(value)) = state.try_recv() else { return false };
            *self.cell.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
            return true;
        }
        let Some(value) = take(&self.cell) else { return false };
        match state.try_send(self.channel.capacity, value) {
            Attempt::Done(_) => true,
            Attempt::Closed(value) | Attempt::NotReady(Some(value)) => {
                *self.cell.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
                false
            }
            Attempt::NotReady(None) => false,
        }
    }

    #[inline]
    fn wait(&self, waiter: &Arc<Waiter>, arm: usize) {
        self.channel.enqueue(waiter, arm, self.send, &self.cell);
    }

    #[inline]
    fn leave(&self, waiter: &Arc<Waiter>) {
        let mut state = self.channel.state();
        state.senders.retain(|entry| !Arc::ptr_eq(&entry.waiter, waiter));
        state.receivers.retain(|entry| !Arc::ptr_eq(&entry.waiter, waiter));
    }
}

/// Selects among `arms`: the arm taken and whether a value went through; `None`: the default. Among several
/// ready arms one is taken at random.
#[inline]
pub(crate) fn select(arms: &[Option<Box<dyn PlainArm + '_>>], default: bool) -> Option<(usize, bool)> {
    let world = enter();
    let ready: Vec<usize> =
        (0..arms.len()).filter(|i| arms[*i].as_ref().is_some_and(|arm| arm.is_ready())).collect();
    if !ready.is_empty() {
        let taken = ready[random_below(ready.len())];
        return arms[taken].as_ref().map(|arm| (taken, arm.take_now()));
    }
    if default {
        return None;
    }
    let waiter = Arc::new(Waiter::default());
    for (i, arm) in arms.iter().enumerate() {
        if let Some(arm) = arm {
            arm.wait(&waiter, i);
        }
    }
    drop(world);
    let outcome = waiter.wait();
    let _world = enter();
    arms.iter().flatten().for_each(|arm| arm.leave(&waiter));
    Some(outcome)
}

/// A random number below `n`, from std's own per-process randomness.
#[inline]
fn random_below(n: usize) -> usize {
    use std::hash::{BuildHasher, RandomState};
    use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let hash = RandomState::new().hash_one(COUNT.fetch_add(1, Relaxed));
    (hash % n as u64) as usize
}
