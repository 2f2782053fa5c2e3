//! `select!` outside of executions: one step over several channels.

use super::channel::{Attempt, Channel};
use super::gate::Held;
use super::waiter::{Cell, Entry, Waiter};
use crate::chan::Core;
use crate::outside::{Shared, Waits};
use std::cell::OnceCell;
use std::sync::Arc;

/// One arm of a select over plain channels, whatever the type of its values.
pub(crate) trait PlainArm {
    /// The address of its channel's lock.
    fn address(&self) -> usize;
    /// Takes its channel's lock.
    fn hold(&self) -> Held<'_>;
    /// Whether it could be taken at once.
    fn is_ready(&self, held: &mut Held<'_>) -> bool;
    /// Takes it, at once: whether a value went through (else the channel is closed). Who waited for that is woken by
    /// [`PlainArm::wake`].
    fn take_now(&self, held: &mut Held<'_>) -> bool;
    /// Wakes whom it met, when no lock is held.
    fn wake(&self);
    /// Queues for it as arm number `arm` of `waiter`.
    fn wait(&self, held: &mut Held<'_>, waiter: &Shared<Waiter>, arm: usize);
    /// Leaves the queue.
    fn leave(&self, waiter: &Shared<Waiter>);
}

/// A direction and a value's place at a channel.
pub(crate) struct Arm<T> {
    core: Arc<Core<T>>,
    send: bool,
    value: std::cell::Cell<Option<T>>,
    /// Where whoever comes for this arm finds or leaves the value: made only once the select has to wait.
    shared: OnceCell<Shared<Cell<T>>>,
    /// Whom it met.
    met: std::cell::Cell<Option<Entry<T>>>,
}

impl<T> Arm<T> {
    /// An arm that sends `value`.
    #[inline]
    pub fn send(core: Arc<Core<T>>, value: T) -> Self {
        Arm::new(core, true, Some(value))
    }

    /// An arm that receives.
    #[inline]
    pub fn recv(core: Arc<Core<T>>) -> Self {
        Arm::new(core, false, None)
    }

    #[inline]
    fn new(core: Arc<Core<T>>, send: bool, value: Option<T>) -> Self {
        let (value, met) = (std::cell::Cell::new(value), std::cell::Cell::new(None));
        Arm { core, send, value, shared: OnceCell::new(), met }
    }

    /// Its channel.
    #[cfg(feature = "check")]
    #[inline]
    pub fn core(&self) -> &Arc<Core<T>> {
        &self.core
    }

    /// Takes the value: what was received, or what is not sent.
    #[inline]
    pub fn take(&self) -> Option<T> {
        match self.shared.get() {
            Some(cell) => cell.take(),
            None => self.value.take(),
        }
    }

    /// Puts the value that was received.
    #[cfg(feature = "check")]
    #[inline]
    pub fn put(&self, value: Option<T>) {
        self.value.set(value);
    }

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
    fn take_now(&self, held: &mut Held<'_>) -> bool {
        let state = self.channel().gate.state(held);
        let (attempt, met) = if self.send {
            let Some(value) = self.value.take() else { return false };
            state.try_send(self.channel().capacity(), value)
        } else {
            state.try_recv()
        };
        self.met.set(met);
        match attempt {
            Attempt::Done(value) => {
                let ok = self.send || value.is_some();
                self.value.set(value);
                ok
            }
            Attempt::Closed(value) => {
                self.value.set(Some(value));
                false
            }
            Attempt::NotReady(value) => {
                self.value.set(value);
                false
            }
        }
    }

    #[inline]
    fn wake(&self) {
        if let Some(met) = self.met.take() {
            met.waiter().wake();
        }
    }

    #[inline]
    fn wait(&self, held: &mut Held<'_>, waiter: &Shared<Waiter>, arm: usize) {
        let cell = self.shared.get_or_init(|| Shared::new(Cell::new(self.value.take())));
        let entry = Entry::Among { waiter: waiter.clone(), arm, cell: cell.clone() };
        let state = self.channel().gate.state(held);
        if self.send { state.senders.push_back(entry) } else { state.receivers.push_back(entry) }
    }

    #[inline]
    fn leave(&self, waiter: &Shared<Waiter>) {
        let mut held = self.channel().gate.hold();
        let state = self.channel().gate.state(&mut held);
        let queue = if self.send { &mut state.senders } else { &mut state.receivers };
        queue.retain(|entry| !entry.is_of(waiter));
    }
}

/// Selects among `arms`: the arm taken and whether a value went through; `None`: the default. Among several
/// ready arms one is taken at random.
#[track_caller]
#[inline]
pub(crate) fn select<'a>(
    arms: impl ExactSizeIterator<Item = Option<&'a dyn PlainArm>>,
    default: bool,
) -> Option<(usize, bool)> {
    /// As many as most selects have, and so on the stack.
    const FEW: usize = 6;
    let count = arms.len();
    let (mut few, mut many) = ([const { Place::EMPTY }; FEW], Vec::new());
    let places = if count <= FEW {
        &mut few[..count]
    } else {
        many.resize_with(count, || Place::EMPTY);
        &mut many[..]
    };
    for (place, arm) in places.iter_mut().zip(arms) {
        *place = Place { arm, address: arm.map_or(0, PlainArm::address), ..Place::EMPTY };
    }
    select_among(places, default)
}

#[track_caller]
#[inline]
fn select_among(places: &mut [Place<'_>], default: bool) -> Option<(usize, bool)> {
    hold_all(places);
    let mut ready = 0;
    for i in 0..places.len() {
        let at_once = with_lock(places, i, |arm, held| arm.is_ready(held)) == Some(true);
        places[i].ready = at_once;
        ready += usize::from(at_once);
    }
    if ready > 0 {
        let chosen = if ready == 1 { 0 } else { random_below(ready) };
        let taken = (0..places.len()).filter(|i| places[*i].ready).nth(chosen)?;
        let ok = with_lock(places, taken, |arm, held| arm.take_now(held))?;
        release_all(places);
        if let Some(arm) = places[taken].arm {
            arm.wake();
        }
        return Some((taken, ok));
    }
    if default {
        return None;
    }
    let waiter = Shared::new(Waiter::new());
    for i in 0..places.len() {
        with_lock(places, i, |arm, held| arm.wait(held, &waiter, i));
    }
    release_all(places);
    let (taken, ok) = waiter.wait(Waits::Select);
    // Whoever took an arm took it out of its queue.
    for (_, place) in places.iter().enumerate().filter(|(i, _)| *i != taken) {
        if let Some(arm) = place.arm {
            arm.leave(&waiter);
        }
    }
    Some((taken, ok))
}

/// What a select knows of one of its arms.
struct Place<'a> {
    /// `None` at a nil channel.
    arm: Option<&'a dyn PlainArm>,
    address: usize,
    /// The place that holds the lock of its channel.
    holder: usize,
    held: Option<Held<'a>>,
    ready: bool,
}

impl Place<'_> {
    const EMPTY: Self = Place { arm: None, address: 0, holder: 0, held: None, ready: false };
}

/// Takes the locks of all channels, each once, in the order of their addresses.
#[inline]
fn hold_all(places: &mut [Place<'_>]) {
    let mut last = 0;
    loop {
        // Few arms: looking for the next is less than sorting.
        let mut next = None;
        for (i, place) in places.iter().enumerate() {
            if place.address > last && next.is_none_or(|next: usize| place.address < places[next].address) {
                next = Some(i);
            }
        }
        let Some(holder) = next else { return };
        last = places[holder].address;
        places[holder].held = places[holder].arm.map(|arm| arm.hold());
        for place in places.iter_mut().filter(|place| place.address == last) {
            place.holder = holder;
        }
    }
}

#[inline]
fn release_all(places: &mut [Place<'_>]) {
    for place in places {
        place.held = None;
    }
}

/// Does something with an arm, by the lock of its channel; `None` at a nil channel.
#[inline]
fn with_lock<'a, R>(
    places: &mut [Place<'a>],
    i: usize,
    f: impl FnOnce(&'a dyn PlainArm, &mut Held<'a>) -> R,
) -> Option<R> {
    let (arm, holder) = (places[i].arm?, places[i].holder);
    places[holder].held.as_mut().map(|held| f(arm, held))
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
