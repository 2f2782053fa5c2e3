//! A flag that publishes what was written before it.
use std::cell::UnsafeCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

struct Slot {
    value: UnsafeCell<u64>,
    ready: AtomicBool,
}

// The flag orders the accesses.
unsafe impl Sync for Slot {}

fn main() {
    let slot = Arc::new(Slot { value: UnsafeCell::new(0), ready: AtomicBool::new(false) });
    let theirs = slot.clone();
    let other = thread::spawn(move || {
        unsafe { *theirs.value.get() = 42 };
        theirs.ready.store(true, Ordering::Release);
    });
    while !slot.ready.load(Ordering::Acquire) {
        thread::yield_now();
    }
    assert_eq!(unsafe { *slot.value.get() }, 42);
    other.join().unwrap();
}
