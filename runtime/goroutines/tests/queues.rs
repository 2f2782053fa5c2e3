//! The queue and the signal, as they are, on std's own primitives and on threads: what `models.rs` explores, with real
//! memory. Nothing here switches stacks, so that Miri runs it (`just miri`), and ThreadSanitizer (`just tsan`).

mod prim {
    pub(crate) use std::sync::atomic;
}
#[allow(dead_code, reason = "a test uses what it is about")]
#[path = "../src/sched/inbox.rs"]
mod inbox;
#[allow(dead_code, reason = "a test uses what it is about")]
#[path = "../src/sched/ring.rs"]
mod ring;
#[allow(dead_code, reason = "a test uses what it is about")]
#[path = "../src/signal.rs"]
mod signal;

use inbox::{Inbox, Linked};
use ring::Ring;
use signal::Signal;
use std::cell::UnsafeCell;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering::Acquire, Ordering::Release};
use std::thread;

/// Few where each step is interpreted.
const COUNT: usize = if cfg!(miri) { 100 } else { 100_000 };

type Eight = Ring<usize, 8>;

fn number(pointer: *mut usize) -> usize {
    // SAFETY: each pointer is a box's, and comes out of the queues once: that is what is tested.
    *unsafe { Box::from_raw(pointer) }
}

/// An owner that pushes and pops, and two thieves: what was written before the push is seen by whoever takes it, and
/// each comes out once, or else memory is freed twice or not at all.
#[test]
fn each_comes_out_once_with_what_was_written() {
    let (ring, is_over) = (Eight::new(), AtomicBool::new(false));
    let steal = || {
        let (mine, mut got) = (Eight::new(), Vec::new());
        loop {
            let was_over = is_over.load(Acquire);
            got.extend(ring.steal_into(&mine).map(number));
            got.extend(std::iter::from_fn(|| mine.pop()).map(number));
            if was_over && ring.is_empty() {
                return got;
            }
        }
    };
    let mut all = thread::scope(|scope| {
        let thieves = [scope.spawn(steal), scope.spawn(steal)];
        let mut got = Vec::new();
        for n in 0..COUNT {
            let mut pointer = Box::into_raw(Box::new(n));
            while let Err(back) = ring.push(pointer) {
                pointer = back;
                got.extend(ring.pop().map(number));
            }
            if n % 2 == 0 {
                got.extend(ring.pop().map(number));
            }
        }
        is_over.store(true, Release);
        thieves.into_iter().for_each(|thief| got.extend(thief.join().unwrap()));
        got
    });
    all.sort_unstable();
    assert_eq!(all, (0..COUNT).collect::<Vec<_>>());
}

/// Plain memory that changes hands with a token, there and back.
struct Handed {
    there: Signal,
    back: Signal,
    value: UnsafeCell<usize>,
}

// SAFETY: the value is touched by whoever has the last token: that is what is tested.
unsafe impl Sync for Handed {}

fn wait(signal: &Signal) {
    if !signal.take() && signal.commit() {
        while signal.is_waiting() {
            thread::park();
        }
    }
}

fn give(signal: &Signal, to: &thread::Thread) {
    if signal.notify() {
        to.unpark();
    }
}

#[test]
fn a_token_hands_memory_over() {
    let handed = Handed { there: Signal::new(), back: Signal::new(), value: UnsafeCell::new(0) };
    let main = thread::current();
    thread::scope(|scope| {
        let handed = &handed;
        let other = scope.spawn(move || {
            for _ in 0..COUNT {
                wait(&handed.there);
                // SAFETY: the token was given to us.
                unsafe { *handed.value.get() += 1 };
                give(&handed.back, &main);
            }
        });
        for _ in 0..COUNT {
            // SAFETY: the token came back, or was never given.
            unsafe { *handed.value.get() += 1 };
            give(&handed.there, other.thread());
            wait(&handed.back);
        }
    });
    assert_eq!(handed.value.into_inner(), 2 * COUNT);
}

struct Letter {
    number: usize,
    under: AtomicPtr<Letter>,
}

impl Linked for Letter {
    fn under(&self) -> &AtomicPtr<Letter> {
        &self.under
    }
}

/// Three put letters in, and the owner takes them out: each once, and those of one in their order, with what was
/// written.
#[test]
fn letters_come_once_and_in_order() {
    let inbox = Inbox::<Letter>::new();
    let mut last = [0; 3];
    thread::scope(|scope| {
        for from in 0..3 {
            let inbox = &inbox;
            scope.spawn(move || {
                for n in 1..=COUNT {
                    let letter = Box::new(Letter { number: n * 3 + from, under: AtomicPtr::default() });
                    // SAFETY: a new one, which is freed when it is taken out.
                    unsafe { inbox.put(NonNull::from(Box::leak(letter))) };
                }
            });
        }
        while last != [COUNT; 3] {
            inbox.take_all(|letter| {
                // SAFETY: each comes out once: that is what is tested.
                let letter = unsafe { Box::from_raw(letter.as_ptr()) };
                let (number, from) = (letter.number / 3, letter.number % 3);
                assert_eq!(number, last[from] + 1);
                last[from] = number;
            });
            thread::yield_now();
        }
    });
    assert!(inbox.is_empty());
}
