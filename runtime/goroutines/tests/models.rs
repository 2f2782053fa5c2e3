//! The queue, the signal and the line of sleepers, as they are, on gorace's checked primitives: every interleaving of
//! small uses.
//!
//! The files are the runtime's own, built a second time; only what they call `prim` is another one here. Orders weaker
//! than `SeqCst` are ordered as C11 says, but sequentially consistent values alone are explored (`weak_values`).

mod prim {
    pub(crate) use gorace::sync::{Mutex, atomic};
}
#[allow(dead_code, reason = "a model uses what it is about")]
#[path = "../src/sched/inbox.rs"]
mod inbox;
#[allow(dead_code, reason = "a model uses what it is about")]
#[path = "../src/sched/ring.rs"]
mod ring;
#[allow(dead_code, reason = "a model uses what it is about")]
#[path = "../src/signal.rs"]
mod signal;
#[allow(dead_code, reason = "a model uses what it is about")]
#[path = "../src/sched/sleepers.rs"]
mod sleepers;

use gorace::check::Verdict;
use gorace::sync::Arc;
use gorace::sync::atomic::{AtomicPtr, AtomicUsize, Ordering::SeqCst};
use gorace::thread;
use inbox::{Inbox, Linked};
use ring::Ring;
use signal::Signal;
use sleepers::Sleepers;
use std::ptr::{NonNull, without_provenance_mut};

/// Explores all interleavings, and says so if that were too many.
fn all(f: impl Fn() + Send + Sync + 'static) {
    let outcome = gorace::Checker::new().max_executions(2_000_000).run(f);
    outcome.assert_clean();
    assert_eq!(outcome.verdict, Verdict::Verified, "{outcome:?}");
}

type Four = Ring<(), 4>;

fn push(ring: &Four, n: usize) -> bool {
    ring.push(without_provenance_mut(n)).is_ok()
}

fn number(pointer: *mut ()) -> usize {
    pointer.addr()
}

/// The owner pushes and pops while another steals: each number comes out once.
#[test]
fn the_queue_gives_each_once_to_owner_and_thief() {
    all(|| {
        let ring = Arc::new(Four::new());
        assert!(push(&ring, 1) && push(&ring, 2));
        let theirs = ring.clone();
        let thief = thread::spawn(move || {
            let mine = Four::new();
            let mut got: Vec<_> = theirs.steal_into(&mine).into_iter().map(number).collect();
            got.extend(std::iter::from_fn(|| mine.pop()).map(number));
            got
        });
        let mut got: Vec<_> = ring.pop().into_iter().map(number).collect();
        assert!(push(&ring, 3));
        got.extend(std::iter::from_fn(|| ring.pop()).map(number));
        got.extend(thief.join().unwrap());
        got.sort_unstable();
        assert_eq!(got, [1, 2, 3]);
    });
}

/// A thief looks while the owner pushes: it sees what was pushed, or nothing. The queue has gone round once before.
#[test]
fn what_a_thief_sees_was_written() {
    all(|| {
        let ring = Arc::new(Four::new());
        for n in 1..=4 {
            assert!(push(&ring, n) && ring.pop().is_some());
        }
        let theirs = ring.clone();
        let thief = thread::spawn(move || theirs.steal_into(&Four::new()).map(number));
        assert!(push(&ring, 5));
        let stolen = thief.join().unwrap();
        let left = ring.pop().map(number);
        assert_eq!(stolen.or(left), Some(5));
        assert!(stolen.is_none() || left.is_none());
    });
}

/// Two thieves at one queue, which is full.
#[test]
fn the_queue_gives_each_once_to_two_thieves() {
    all(|| {
        let ring = Arc::new(Four::new());
        assert!((1..=4).all(|n| push(&ring, n)));
        assert!(!push(&ring, 5), "the queue is bounded");
        let steal = |ring: Arc<Four>| {
            thread::spawn(move || {
                let mine = Four::new();
                let mut got: Vec<_> = ring.steal_into(&mine).into_iter().map(number).collect();
                got.extend(std::iter::from_fn(|| mine.pop()).map(number));
                got
            })
        };
        let (a, b) = (steal(ring.clone()), steal(ring.clone()));
        let (a, b) = (a.join().unwrap(), b.join().unwrap());
        assert!(!a.is_empty() && !b.is_empty(), "half is left for the second: {a:?}, {b:?}");
        let mut got: Vec<_> = std::iter::from_fn(|| ring.pop()).map(number).chain(a).chain(b).collect();
        got.sort_unstable();
        assert_eq!(got, [1, 2, 3, 4]);
    });
}

/// What one saw done before it gave the token is seen by who takes it, and nobody sleeps for ever.
#[test]
fn a_token_wakes_and_is_not_lost() {
    all(|| {
        let shared = Arc::new((Signal::new(), AtomicUsize::new(0), thread::current()));
        let theirs = shared.clone();
        let waker = thread::spawn(move || {
            theirs.1.store(1, SeqCst);
            if theirs.0.notify() {
                theirs.2.unpark();
            }
        });
        if !shared.0.take() && shared.0.commit() {
            while shared.0.is_waiting() {
                thread::park();
            }
        }
        assert_eq!(shared.1.load(SeqCst), 1);
        assert!(!shared.0.take(), "one token was given, and taken");
        waker.join().unwrap();
    });
}

/// Two give a token at one time: exactly one of them wakes the one who waits.
#[test]
fn one_of_two_wakes() {
    all(|| {
        let shared = Arc::new((Signal::new(), thread::current()));
        let give = |shared: Arc<(Signal, thread::Thread)>| {
            thread::spawn(move || {
                let wakes = shared.0.notify();
                if wakes {
                    shared.1.unpark();
                }
                usize::from(wakes)
            })
        };
        let (a, b) = (give(shared.clone()), give(shared.clone()));
        let slept = shared.0.commit();
        while slept && shared.0.is_waiting() {
            thread::park();
        }
        let wakes = a.join().unwrap() + b.join().unwrap();
        assert_eq!(wakes, usize::from(slept));
    });
}

/// Whoever stops to wait by itself either was about to be woken, or leaves a token that is given later in place.
#[test]
fn a_withdrawal_loses_no_token() {
    all(|| {
        let signal = Arc::new(Signal::new());
        let theirs = signal.clone();
        let waker = thread::spawn(move || theirs.notify());
        let got = if signal.commit() { !signal.withdraw() } else { true };
        let woken = waker.join().unwrap();
        assert!(got || woken || signal.take(), "the token is nowhere");
    });
}

/// What lies in the models' inboxes: for ever, so that a model may leave some in.
struct Letter {
    number: usize,
    under: AtomicPtr<Letter>,
}

impl Linked for Letter {
    fn under(&self) -> &AtomicPtr<Letter> {
        &self.under
    }
}

fn letter(number: usize) -> NonNull<Letter> {
    NonNull::from(Box::leak(Box::new(Letter { number, under: AtomicPtr::default() })))
}

/// A worker with an inbox: it sleeps when nothing is in it, and whoever puts in the first tells it.
struct Mailed {
    inbox: Inbox<Letter>,
    sleep: Signal,
    owner: thread::Thread,
}

impl Mailed {
    fn new() -> Arc<Self> {
        Arc::new(Mailed { inbox: Inbox::new(), sleep: Signal::new(), owner: thread::current() })
    }

    fn put(&self, number: usize) {
        // SAFETY: a letter is put in once, or again after it was taken out, and is never freed.
        if unsafe { self.inbox.put(letter(number)) } && self.sleep.notify() {
            self.owner.unpark();
        }
    }

    /// The numbers of `count` letters, as they come.
    fn take(&self, count: usize) -> Vec<usize> {
        let mut got = Vec::new();
        loop {
            // SAFETY: letters are never freed.
            self.inbox.take_all(|letter| got.push(unsafe { letter.as_ref() }.number));
            if got.len() >= count {
                return got;
            }
            if self.inbox.is_empty() && self.sleep.commit() {
                while self.sleep.is_waiting() {
                    thread::park();
                }
            }
        }
    }
}

/// Two put letters in while the owner takes some out: each comes once, and the owner never sleeps beside one.
#[test]
fn each_letter_comes_once_and_wakes_its_owner() {
    all(|| {
        let mailed = Mailed::new();
        let others = [1, 2].map(|number| {
            let mailed = mailed.clone();
            thread::spawn(move || mailed.put(number))
        });
        let mut got = mailed.take(2);
        got.sort_unstable();
        assert_eq!(got, [1, 2]);
        others.into_iter().for_each(|other| other.join().unwrap());
        assert!(mailed.inbox.is_empty());
        assert_eq!(mailed.inbox.len(), 0, "what is counted is what was there");
    });
}

/// Letters of one come in the order in which they were put in.
#[test]
fn letters_of_one_come_in_their_order() {
    all(|| {
        let mailed = Mailed::new();
        let theirs = mailed.clone();
        let other = thread::spawn(move || (1..=2).for_each(|number| theirs.put(number)));
        assert_eq!(mailed.take(2), [1, 2]);
        other.join().unwrap();
    });
}

/// A worker of the models: it searches, stands in line, looks once more and sleeps, as the runtime's do.
struct Model {
    sleepers: Sleepers,
    work: AtomicUsize,
    sleeping: [(Signal, gorace::sync::OnceLock<thread::Thread>); 2],
}

impl Model {
    fn new() -> Arc<Self> {
        let seat = || (Signal::new(), gorace::sync::OnceLock::new());
        Arc::new(Model { sleepers: Sleepers::new(), work: AtomicUsize::new(0), sleeping: [seat(), seat()] })
    }

    fn make_work(&self) {
        self.work.fetch_add(1, SeqCst);
        self.wake_one();
    }

    fn wake_one(&self) {
        if let Some(index) = self.sleepers.wake_one()
            && self.sleeping[index].0.notify()
            && let Some(thread) = self.sleeping[index].1.get()
        {
            thread.unpark();
        }
    }

    fn take(&self) -> bool {
        self.work.fetch_update(SeqCst, SeqCst, |work| work.checked_sub(1)).is_ok()
    }

    /// Takes one piece of work, however long it has to wait for it. With `alarms` it wakes by itself so often, as a worker
    /// does with goroutines that wait for a point in time.
    fn work(&self, me: usize, mut alarms: usize) {
        let _ = self.sleeping[me].1.set(thread::current());
        self.sleepers.search();
        let mut was_woken = false;
        loop {
            if self.take() {
                if self.sleepers.found() && self.work.load(SeqCst) > 0 {
                    self.wake_one();
                }
                return;
            }
            // It was woken in vain: somebody else had the work.
            if was_woken {
                self.sleepers.nap();
                self.sleepers.search();
                was_woken = false;
                continue;
            }
            self.sleepers.stand_in_line(me);
            if self.work.load(SeqCst) == 0 && self.sleeping[me].0.commit() {
                while self.sleeping[me].0.is_waiting() {
                    match alarms.checked_sub(1) {
                        Some(left) => {
                            alarms = left;
                            self.sleeping[me].0.withdraw();
                        }
                        None => thread::park(),
                    }
                }
            }
            was_woken = !self.sleepers.leave_line(me);
        }
    }
}

/// One that makes work, one that waits for it: it never sleeps beside work.
#[test]
fn no_wake_up_is_lost() {
    all(|| {
        let model = Model::new();
        let theirs = model.clone();
        let worker = thread::spawn(move || theirs.work(0, 0));
        model.make_work();
        worker.join().unwrap();
        assert_eq!(model.work.load(SeqCst), 0);
    });
}

/// The same, where the worker also wakes by itself: somebody may be about to wake it then.
#[test]
fn no_wake_up_is_lost_to_an_alarm() {
    all(|| {
        let model = Model::new();
        let theirs = model.clone();
        let worker = thread::spawn(move || theirs.work(0, 1));
        model.make_work();
        worker.join().unwrap();
        assert_eq!(model.work.load(SeqCst), 0);
    });
}

/// Two pieces of work, one after the other, and two workers: the second worker is woken by the maker or by the first.
#[gorace::checked_test(strategy = "random", max_executions = 20_000)]
fn the_last_that_searches_wakes_the_next() {
    let model = Model::new();
    let workers = [0, 1].map(|me| {
        let theirs = model.clone();
        thread::spawn(move || theirs.work(me, 0))
    });
    model.make_work();
    model.make_work();
    workers.into_iter().for_each(|worker| worker.join().unwrap());
    assert_eq!(model.work.load(SeqCst), 0);
}

/// Somebody else may take the work for which a worker was woken: it naps, and is there for the next.
#[test]
fn a_nap_loses_no_work() {
    all(|| {
        let model = Model::new();
        let theirs = model.clone();
        let worker = thread::spawn(move || theirs.work(0, 0));
        model.make_work();
        if model.take() {
            model.make_work();
        }
        worker.join().unwrap();
        assert_eq!(model.work.load(SeqCst), 0);
    });
}
