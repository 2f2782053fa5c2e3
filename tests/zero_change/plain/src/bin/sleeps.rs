//! A thread that sleeps while main works: how long that takes is not what is explored.
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

static SUM: AtomicU64 = AtomicU64::new(0);

fn main() {
    let other = thread::spawn(|| {
        thread::sleep(Duration::from_millis(3));
        SUM.fetch_add(1, SeqCst);
    });
    SUM.fetch_add(1, SeqCst);
    other.join().unwrap();
}
