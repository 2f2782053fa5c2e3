//! Threads on `crossbeam_epoch`, used as it is meant.

use crossbeam_epoch::{self as epoch, Atomic, Owned};
use std::sync::Arc;
use std::sync::atomic::Ordering::{AcqRel, Acquire};
use std::thread;

fn main() {
    let slot = Arc::new(Atomic::new(0_u64));
    let workers: Vec<_> = (1..4_u64)
        .map(|i| {
            let slot = slot.clone();
            thread::spawn(move || {
                let guard = epoch::pin();
                let old = slot.swap(Owned::new(i), AcqRel, &guard);
                unsafe { guard.defer_destroy(old) };
                let now = slot.load(Acquire, &guard);
                unsafe { *now.deref() }
            })
        })
        .collect();
    let seen: u64 = workers.into_iter().map(|worker| worker.join().unwrap()).sum();
    assert!(seen >= 3);
}
