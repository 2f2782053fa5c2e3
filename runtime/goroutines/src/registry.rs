//! All goroutines that have been started and have not ended: for their number, and for dumps.
//!
//! They are counted by the threads that start and end them, each with figures of its own where it can, so that
//! threads do not meet here.

use crate::memory::each_task;
use crate::task::Task;
use std::cell::Cell;
use std::sync::atomic::{
    AtomicBool, AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
};

/// Enough that workers seldom meet.
const SHARDS: usize = 16;

/// Figures of some threads, on cache lines of their own.
#[repr(align(128))]
struct Shard {
    started: AtomicUsize,
    ended: AtomicUsize,
}

static SHARDED: [Shard; SHARDS] =
    [const { Shard { started: AtomicUsize::new(0), ended: AtomicUsize::new(0) } }; SHARDS];

#[inline(never)]
fn shard() -> &'static Shard {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    const UNKNOWN: usize = usize::MAX;
    thread_local! {
        static MINE: Cell<usize> = const { Cell::new(UNKNOWN) };
    }
    if MINE.get() == UNKNOWN {
        MINE.set(NEXT.fetch_add(1, Relaxed) % SHARDS);
    }
    &SHARDED[MINE.get() % SHARDS]
}

/// Whether a goroutine is one of them.
pub(crate) struct Listed(AtomicBool);

impl Listed {
    pub const fn new() -> Self {
        Listed(AtomicBool::new(false))
    }
}

/// A goroutine was started.
pub(crate) fn add(task: &Task) {
    if let Some(goroutine) = task.goroutine() {
        goroutine.listed.0.store(true, Relaxed);
        shard().started.fetch_add(1, Release);
    }
}

/// A goroutine has ended.
pub(crate) fn remove(task: &Task) {
    if let Some(goroutine) = task.goroutine() {
        goroutine.listed.0.store(false, Relaxed);
        shard().ended.fetch_add(1, Release);
    }
}

fn listed() -> impl Iterator<Item = Task> {
    let is_listed = |task: &Task| task.goroutine().is_some_and(|goroutine| goroutine.listed.0.load(Relaxed));
    each_task().map(Task).filter(is_listed)
}

/// The one of this number.
pub(crate) fn find(id: u64) -> Option<Task> {
    listed().find(|task| task.id() == id)
}

/// How many there are.
pub(crate) fn count() -> usize {
    // In this order: of each that is seen to have ended the start is seen too.
    let ended: usize = SHARDED.iter().map(|shard| shard.ended.load(Acquire)).sum();
    let started: usize = SHARDED.iter().map(|shard| shard.started.load(Acquire)).sum();
    started.saturating_sub(ended)
}

/// The first `most` of them, by number.
pub(crate) fn all(most: usize) -> Vec<Task> {
    let mut all: Vec<Task> = Vec::new();
    for task in listed() {
        all.push(task);
        // Of a million no more is kept than twice what is asked for.
        if all.len() >= most.saturating_mul(2).max(64) {
            all.sort_by_key(Task::id);
            all.truncate(most);
        }
    }
    all.sort_by_key(Task::id);
    all.truncate(most);
    all
}
