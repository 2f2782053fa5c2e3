//! A thread that asks for more memory than there are addresses, if it comes first.
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;

static FIRST: AtomicBool = AtomicBool::new(false);

fn main() {
    let other = thread::spawn(|| FIRST.store(true, SeqCst));
    if FIRST.load(SeqCst) {
        drop(vec![1_u8; 1 << 62]);
    }
    other.join().unwrap();
}
