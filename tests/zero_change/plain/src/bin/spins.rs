//! A spin that nobody is left to end.
use std::sync::atomic::{AtomicBool, Ordering::Acquire};

static READY: AtomicBool = AtomicBool::new(false);

fn main() {
    let spin = || {
        while !READY.load(Acquire) {
            std::hint::spin_loop(); // bug
        }
    };
    std::thread::spawn(spin).join().unwrap();
}
