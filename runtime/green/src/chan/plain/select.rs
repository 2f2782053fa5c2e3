//! `select!` outside of executions: one step over several channels.

use super::channel::{Attempt, Channel, Entry};
use super::gate::Held;
use super::waiter::{Cell, Waiter, put, take};
use crate::chan::Core;
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
pub(crate) struct Arm<T> {
    pub core: Arc<Core<T>>,
    pub send: bool,
    pub cell: Cell<T>,
}

impl<T> Arm<T> {
    #[inline]
    fn channel(&self) -> &Channel<T> {
        &self.core.plain
    }
}

impl<T> PlainArm for Arm<T> {
    #[inline]
    fn address(&self) -> usize {
        self.channel().gate.address()
    }

    #[inline]
    fn hold(&self) -> Held<'_> {
        self.channel().gate.hold()
    }

    #[inline]
    fn is_ready(&self, held: &mut Held<'_>) -> bool {
        let state = self.channel().gate.state(held);
        if self.send { state.can_send(self.channel().capacity()) } else { state.can_recv() }
    }

    #[inline]
    fn take_now(&self, held: &mut Held<'_>) -> (bool, Option<Arc<Waiter>>) {
        let state = self.channel().gate.state(held);
        if !self.send {
            let (Attempt::Done(Some(value)), woken) = state.try_recv() else { return (false, None) };
            put(&self.cell, value);
            return (true, woken);
        }
        let Some(value) = take(&self.cell) else { return (false, None) };
        match state.try_send(self.channel().capacity(), value) {
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
        let state = self.channel().gate.state(held);
        if self.send { state.senders.push_back(entry) } else { state.receivers.push_back(entry) }
    }

    #[inline]
    fn leave(&self, waiter: &Arc<Waiter>) {
        let mut held = self.channel().gate.hold();
        let state = self.channel().gate.state(&mut held);
        let queue = if self.send { &mut state.senders } else { &mut state.receivers };
        queue.retain(|entry| !Arc::ptr_eq(&entry.waiter, waiter));
    }
}

/// Selects among `arms`: the arm taken and whether a value went through; `None`: the default. Among several
/// ready arms one is taken at random.
#[track_caller]
#[inline]
pub(crate) fn select(arms: &[Option<&dyn PlainArm>], default: bool) -> Option<(usize, bool)> {
    let mut held = hold_all(arms);
    let mut is_ready = |i: &usize| arms[*i].is_some_and(|arm| arm.is_ready(held_of(&mut held, arm)));
    let ready = (0..arms.len()).filter(&mut is_ready).count();
    if ready > 0 {
        let chosen = if ready == 1 { 0 } else { random_below(ready) };
        let taken = (0..arms.len()).filter(&mut is_ready).nth(chosen)?;
        let arm = arms[taken]?;
        let (ok, woken) = arm.take_now(held_of(&mut held, arm));
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
            arm.wait(held_of(&mut held, *arm), &waiter, i);
        }
    }
    drop(held);
    let outcome = waiter.wait(Waits::Select);
    for arm in arms.iter().flatten() {
        arm.leave(&waiter);
    }
    Some(outcome)
}

/// The locks of all channels, each taken once, in the order of their addresses.
#[inline]
fn hold_all<'a>(arms: &[Option<&'a dyn PlainArm>]) -> Vec<(usize, Held<'a>)> {
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

/// A random number below `n`: xorshift (Marsaglia 2003), from a seed of std's own randomness for each thread.
#[inline]
fn random_below(n: usize) -> usize {
    use std::hash::{BuildHasher, RandomState};
    thread_local! {
        static STATE: std::cell::Cell<u64> = std::cell::Cell::new(RandomState::new().hash_one(0) | 1);
    }
    // A thread that ends has no need of chance.
    let next = STATE.try_with(|state| {
        let mut x = state.get();
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        state.set(x);
        x
    });
    // The high bits are the better ones.
    ((next.unwrap_or(0) >> 32) % n as u64) as usize
}
