//! A program that is ended as the kernel ends one for which there is no memory, under some schedules.
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;

unsafe extern "C" {
    fn raise(signal: i32) -> i32;
}

static FIRST: AtomicBool = AtomicBool::new(false);

fn main() {
    let other = thread::spawn(|| FIRST.store(true, SeqCst));
    if FIRST.load(SeqCst) {
        unsafe { raise(9) };
    }
    other.join().unwrap();
}
