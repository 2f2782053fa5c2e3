//! Goroutines as the pointers that queues and inboxes move.
//!
//! A pointer in a queue owns one count of its task. Each comes out of its queue once, which is what
//! `tests/models.rs` shows of [`Ring`](crate::sched::ring::Ring).

use crate::sched::global::SCHED;
use crate::sched::worker::Worker;
use crate::task::{Inner, Task};
use std::ptr::{self, NonNull};
use std::sync::atomic::Ordering::AcqRel;

fn into_pointer(task: Task) -> *mut Inner {
    task.into_pointer().as_ptr()
}

fn from_pointer(pointer: *mut Inner) -> Option<Task> {
    // SAFETY: a pointer that is not null was made by `into_pointer`, and has come out of a queue or a slot just now,
    // once.
    NonNull::new(pointer).map(|pointer| unsafe { Task::from_pointer(pointer) })
}

/// Makes `task` the next to run on `worker`, the caller's; what was there goes into the queue.
pub(crate) fn push_next(worker: &Worker, task: Task) {
    let before = worker.next.swap(into_pointer(task), AcqRel);
    if let Some(before) = from_pointer(before) {
        push(worker, before);
    }
}

/// Puts `task` into `worker`'s queue, the caller's. If that is full, half of it goes to the global queue.
pub(crate) fn push(worker: &Worker, task: Task) {
    let Err(refused) = worker.queue.push(into_pointer(task)) else { return };
    let half = std::iter::from_fn(|| pop(worker)).take(128);
    SCHED.put_all_global(half.chain(from_pointer(refused)));
}

/// Takes the oldest of `worker`'s queue, the caller's.
pub(crate) fn pop(worker: &Worker) -> Option<Task> {
    worker.queue.pop().and_then(from_pointer)
}

/// Takes what is to run next on `worker`.
pub(crate) fn take_next(worker: &Worker) -> Option<Task> {
    from_pointer(worker.next.swap(ptr::null_mut(), AcqRel))
}

/// Puts one that has started into the inbox of its worker; whether that must be told.
pub(crate) fn put(worker: &Worker, task: Task) -> bool {
    // SAFETY: the handle is forgotten until it is taken out, and the task in no inbox, since there is one such handle.
    unsafe { worker.inbox.put(task.into_pointer()) }
}

/// Takes all out of `worker`'s inbox, the caller's, the oldest first.
pub(crate) fn take_all(worker: &Worker, mut each: impl FnMut(Task)) {
    // SAFETY: put in by `put`, and taken out once.
    worker.inbox.take_all(|pointer| each(unsafe { Task::from_pointer(pointer) }));
}

/// Takes half of another's queue into `worker`'s own, which is empty, and one of them in hand.
pub(crate) fn steal(other: &Worker, worker: &Worker) -> Option<Task> {
    other.queue.steal_into(&worker.queue).and_then(from_pointer)
}
