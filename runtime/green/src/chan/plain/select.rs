//! `select!` outside of executions: one step over several channels.

use super::channel::{Attempt, Channel, Entry};
use super::gate::Held;
use super::waiter::{Cell, Waiter, put, take};
use crate::outside::Waits;
use std::sync::Arc;

/// One arm of a select over plain channels, whatever the type of its values.
pub(crate) trait PlainArm {
    /// The address of its channel's lock.
    fn address(&self) -> usize;
    /// Takes its channel's lock.
    fn hold(&self) -> Held<'_>;
    /// Whether it could be taken at once.
    fn is_ready(&self, held: &mut Held<'_>) -> bool;
    /// Takes it, at once: whether a value went through (else the channel is closed), and who is to be woken.
    fn take_now(&self, held: &mut Held<'_>) -> (bool, Option<Arc<Waiter>>);
    /// Queues for it as arm number `arm` of `waiter`.
    fn wait(&self, held: &mut Held<'_>, waiter: &Arc<Waiter>, arm: usize);
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
    fn address(&self) -> usize {
        self.channel.gate.address()
    }

    #[inline]
    fn hold(&self) -> Held<'_> {
        self.channel.gate.hold()
    }

    #[inline]
    fn is_ready(&self, held: &mut Held<'_>) -> bool {
        let state = self.channel.gate.state(held);
        if self.send { state.can_send(self.channel.capacity()) } else { state.can_recv() }
    }

    #[inline]
    fn take_now(&self, held: &mut Held<'_>) -> (bool, Option<Arc<Waiter>>) {
        let state = self.channel.gate.state(held);
        if !self.send {
            let (Attempt::Done(Some(value)), woken) = state.try_recv() else { return (false, None) };
            put(&self.cell, value);
            return (true, woken);
        }
        let Some(value) = take(&self.cell) else { return (false, None) };
        match state.try_send(self.channel.capacity(), value) {
            (Attempt::Done(_), woken) => (true, woken),
            (Attempt::Closed(value) | Attempt::NotReady(Some(value)), _) => {
                put(&self.cell, value);
                (false, None)
            }
            (Attempt::NotReady(None), _) => (false, None),
        }
    }

    #[inline]
    fn wait(&self, held: &mut Held<'_>, waiter: &Arc<Waiter>, arm: usize) {
        let entry = Entry { waiter: waiter.clone(), arm, cell: self.cell.clone() };
        let state = self.channel.gate.state(held);
        if self.send { state.senders.push_back(entry) } else { state.receivers.push_back(entry) }
    }

    #[inline]
    fn leave(&self, waiter: &Arc<Waiter>) {
        let mut held = self.channel.gate.hold();
        let state = self.channel.gate.state(&mut held);
        let queue = if self.send { &mut state.senders } else { &mut state.receivers };
        queue.retain(|entry| !Arc::ptr_eq(&entry.waiter, waiter));
    }
}

/// Selects among `arms`: the arm taken and whether a value went through; `None`: the default. Among several
/// ready arms one is taken at random.
#[track_caller]
#[inline]
pub(crate) fn select(arms: &[Option<Box<dyn PlainArm + '_>>], default: bool) -> Option<(usize, bool)> {
    let mut held = hold_all(arms);
    let ready: Vec<usize> = (0..arms.len())
        .filter(|i| arms[*i].as_ref().is_some_and(|arm| arm.is_ready(held_of(&mut held, &**arm))))
        .collect();
    if !ready.is_empty() {
        let taken = ready[random_below(ready.len())];
        let arm = arms[taken].as_ref()?;
        let (ok, woken) = arm.take_now(held_of(&mut held, &**arm));
        drop(held);
        if let Some(waiter) = woken {
            waiter.wake();
        }
        return Some((taken, ok));
    }
    if default {
        return None;
    }
    let waiter = Waiter::new();
    for (i, arm) in arms.iter().enumerate() {
        if let Some(arm) = arm {
            arm.wait(held_of(&mut held, &**arm), &waiter, i);
        }
    }
    drop(held);
    let outcome = waiter.wait(Waits::Select);
    arms.iter().flatten().for_each(|arm| arm.leave(&waiter));
    Some(outcome)
}

/// The locks of all channels, each taken once, in the order of their addresses.
#[inline]
fn hold_all<'a>(arms: &'a [Option<Box<dyn PlainArm + '_>>]) -> Vec<(usize, Held<'a>)> {
    let mut held: Vec<(usize, Held<'a>)> = Vec::with_capacity(arms.len());
    let mut last = None;
    // Few arms: looking for the next is less than sorting.
    while let Some(arm) =
        arms.iter().flatten().filter(|arm| Some(arm.address()) > last).min_by_key(|arm| arm.address())
    {
        last = Some(arm.address());
        held.push((arm.address(), arm.hold()));
    }
    held
}

#[inline]
fn held_of<'h, 'a>(held: &'h mut [(usize, Held<'a>)], arm: &dyn PlainArm) -> &'h mut Held<'a> {
    match held.iter_mut().find(|(address, _)| *address == arm.address()) {
        Some((_, held)) => held,
        None => unreachable!("the locks of all arms are held"),
    }
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
