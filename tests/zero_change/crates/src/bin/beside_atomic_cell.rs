//! Races of the program's own beside an `AtomicCell`, whose own race is known and hidden: one on memory beside it, and one
//! on the cell itself, past its functions.
use crossbeam_utils::atomic::AtomicCell;
use std::cell::UnsafeCell;
use std::sync::Arc;
use std::thread;

struct Both {
    known: AtomicCell<[u64; 2]>,
    own: UnsafeCell<u64>,
}

// Wrong, and that is the point.
unsafe impl Sync for Both {}

fn main() {
    let both = Arc::new(Both { known: AtomicCell::new([0; 2]), own: UnsafeCell::new(0) });
    let theirs = both.clone();
    let other = thread::spawn(move || {
        unsafe { *theirs.own.get() = 1 }; // bug
        theirs.known.store([1, 1]);
        unsafe { *theirs.known.as_ptr() = [2, 2] }; // bug
    });
    let [a, b] = both.known.load(); // bug
    assert_eq!(a, b);
    unsafe { *both.own.get() = 2 }; // bug
    other.join().unwrap();
}
