//! One channel outside of executions.

use super::gate::{Gate, Held};
use super::waiter::Entry;
use crate::outside::Waits;
use std::collections::VecDeque;

/// A channel between goroutines and threads.
pub(crate) struct Channel<T> {
    capacity: usize,
    pub(super) gate: Gate<State<T>>,
}

pub(super) struct State<T> {
    buffer: VecDeque<T>,
    closed: bool,
    pub(super) senders: VecDeque<Entry<T>>,
    pub(super) receivers: VecDeque<Entry<T>>,
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
        Channel { capacity, gate: Gate::new(state) }
    }

    #[inline]
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    #[inline]
    pub fn len(&self) -> usize {
        let mut held = self.gate.hold();
        self.gate.state(&mut held).buffer.len()
    }

    /// Sends `value`, waiting for room or a receiver; gives it back if the channel is closed.
    #[track_caller]
    #[inline]
    pub fn send(&self, value: T) -> Result<(), T> {
        let mut held = self.gate.hold();
        let state = self.gate.state(&mut held);
        match state.try_send(self.capacity, value) {
            (Attempt::Done(_), woken) => {
                wake(held, woken);
                Ok(())
            }
            (Attempt::Closed(value), _) => Err(value),
            (Attempt::NotReady(value), _) => {
                let (entry, mine) = Entry::alone(value);
                state.senders.push_back(entry);
                drop(held);
                match mine.waiter.wait(Waits::Send) {
                    (_, true) => Ok(()),
                    (_, false) => mine.cell.take().map_or(Ok(()), Err),
                }
            }
        }
    }

    /// Receives, waiting for a value or the close.
    #[track_caller]
    #[inline]
    pub fn recv(&self) -> Option<T> {
        let mut held = self.gate.hold();
        let state = self.gate.state(&mut held);
        match state.try_recv() {
            (Attempt::Done(value), woken) => {
                wake(held, woken);
                value
            }
            _ => {
                let (entry, mine) = Entry::alone(None);
                state.receivers.push_back(entry);
                drop(held);
                mine.waiter.wait(Waits::Recv);
                mine.cell.take()
            }
        }
    }

    #[inline]
    pub fn try_send(&self, value: T) -> Attempt<T> {
        let mut held = self.gate.hold();
        let (attempt, woken) = self.gate.state(&mut held).try_send(self.capacity, value);
        wake(held, woken);
        attempt
    }

    #[inline]
    pub fn try_recv(&self) -> Attempt<T> {
        let mut held = self.gate.hold();
        let (attempt, woken) = self.gate.state(&mut held).try_recv();
        wake(held, woken);
        attempt
    }

    /// Closes the channel; `false` if it was closed already.
    #[inline]
    pub fn close(&self) -> bool {
        let mut held = self.gate.hold();
        let state = self.gate.state(&mut held);
        if std::mem::replace(&mut state.closed, true) {
            return false;
        }
        let senders = std::mem::take(&mut state.senders);
        let receivers = std::mem::take(&mut state.receivers);
        let waiting = senders.into_iter().chain(receivers);
        let woken: Vec<_> = waiting.filter(|entry| entry.fire(false)).collect();
        drop(held);
        for entry in &woken {
            entry.waiter().wake();
        }
        true
    }
}

/// Wakes whom an attempt met, when the lock is free.
#[inline]
fn wake<T>(held: Held<'_>, woken: Option<Entry<T>>) {
    drop(held);
    if let Some(entry) = woken {
        entry.waiter().wake();
    }
}

impl<T> State<T> {
    /// Sends if that can be done at once; whoever waited for it is to be woken.
    #[inline]
    pub(super) fn try_send(&mut self, capacity: usize, value: T) -> (Attempt<T>, Option<Entry<T>>) {
        if self.closed {
            return (Attempt::Closed(value), None);
        }
        if let Some(entry) = next(&mut self.receivers) {
            entry.cell().put(value);
            return (Attempt::Done(None), Some(entry));
        }
        if self.buffer.len() < capacity {
            self.buffer.push_back(value);
            return (Attempt::Done(None), None);
        }
        (Attempt::NotReady(Some(value)), None)
    }

    /// Receives if that can be done at once; whoever waited for it is to be woken.
    #[inline]
    pub(super) fn try_recv(&mut self) -> (Attempt<T>, Option<Entry<T>>) {
        let first = self.buffer.pop_front();
        let woken = next(&mut self.senders);
        let behind = woken.as_ref().and_then(|sender| sender.cell().take());
        let attempt = match (first, behind) {
            (Some(first), Some(behind)) => {
                self.buffer.push_back(behind);
                Attempt::Done(Some(first))
            }
            (Some(value), None) | (None, Some(value)) => Attempt::Done(Some(value)),
            (None, None) if self.closed => Attempt::Done(None),
            (None, None) => Attempt::NotReady(None),
        };
        (attempt, woken)
    }

    #[inline]
    pub(super) fn can_send(&mut self, capacity: usize) -> bool {
        self.closed || has_waiting(&mut self.receivers) || self.buffer.len() < capacity
    }

    #[inline]
    pub(super) fn can_recv(&mut self) -> bool {
        self.closed || has_waiting(&mut self.senders) || !self.buffer.is_empty()
    }
}

/// Whether somebody waits; those in front whose select took another arm are dropped.
#[inline]
fn has_waiting<T>(queue: &mut VecDeque<Entry<T>>) -> bool {
    while queue.front().is_some_and(|entry| entry.waiter().has_fired()) {
        queue.pop_front();
    }
    !queue.is_empty()
}

/// The first that still waits, taken; those whose select took another arm are dropped on the way.
#[inline]
fn next<T>(queue: &mut VecDeque<Entry<T>>) -> Option<Entry<T>> {
    std::iter::from_fn(|| queue.pop_front()).find(|entry| entry.fire(true))
}
