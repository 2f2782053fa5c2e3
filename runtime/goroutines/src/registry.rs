//! All goroutines that have been started and have not ended: for their number, for dumps, and so that what waits for
//! ever is kept.

use crate::task::Task;
use slab::Slab;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Enough that workers seldom meet.
const SHARDS: usize = 16;

static SHARDED: [Mutex<Slab<Task>>; SHARDS] = [const { Mutex::new(Slab::new()) }; SHARDS];

fn shard_of(task: &Task) -> MutexGuard<'static, Slab<Task>> {
    // A thread takes sixteen numbers at a time: those of one thread are in one shard.
    let shard = (task.id() / 16) as usize % SHARDS;
    SHARDED[shard].lock().unwrap_or_else(PoisonError::into_inner)
}

/// A goroutine was started.
pub(crate) fn add(task: &Task) {
    if let Some(goroutine) = task.goroutine() {
        let entry = shard_of(task).insert(task.clone());
        goroutine.entry.store(entry, Relaxed);
    }
}

/// A goroutine has ended.
pub(crate) fn remove(task: &Task) {
    if let Some(goroutine) = task.goroutine() {
        let entry = goroutine.entry.load(Relaxed);
        let removed = shard_of(task).try_remove(entry);
        drop(removed);
    }
}

/// The one of this number.
pub(crate) fn find(id: u64) -> Option<Task> {
    SHARDED.iter().find_map(|shard| {
        let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        shard.iter().find(|(_, task)| task.id() == id).map(|(_, task)| task.clone())
    })
}

/// How many there are.
pub(crate) fn count() -> usize {
    let count = |shard: &Mutex<Slab<Task>>| shard.lock().unwrap_or_else(PoisonError::into_inner).len();
    SHARDED.iter().map(count).sum()
}

/// The first `most` of them, by number.
pub(crate) fn all(most: usize) -> Vec<Task> {
    let mut all: Vec<Task> = Vec::new();
    for shard in &SHARDED {
        let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        all.extend(shard.iter().take(most).map(|(_, task)| task.clone()));
    }
    all.sort_by_key(Task::id);
    all.truncate(most);
    all
}
