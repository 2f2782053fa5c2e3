//! An update that is lost under some schedules only.
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

static COUNT: AtomicUsize = AtomicUsize::new(0);

fn main() {
    let other = thread::spawn(|| COUNT.store(COUNT.load(SeqCst) + 1, SeqCst));
    COUNT.store(COUNT.load(SeqCst) + 1, SeqCst);
    other.join().unwrap();
    assert_eq!(COUNT.load(SeqCst), 2, "an update was lost"); // bug
}
