//! A flag that publishes nothing.
use std::cell::UnsafeCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

struct Slot {
    value: UnsafeCell<u64>,
    ready: AtomicBool,
}

// Wrong, and that is the point.
unsafe impl Sync for Slot {}

fn main() {
    let slot = Arc::new(Slot { value: UnsafeCell::new(0), ready: AtomicBool::new(false) });
    let theirs = slot.clone();
    let other = thread::spawn(move || {
        unsafe { *theirs.value.get() = 42 }; // bug
        theirs.ready.store(true, Ordering::Relaxed);
    });
    while !slot.ready.load(Ordering::Relaxed) {
        thread::yield_now();
    }
    assert_eq!(unsafe { *slot.value.get() }, 42); // bug
    other.join().unwrap();
}
