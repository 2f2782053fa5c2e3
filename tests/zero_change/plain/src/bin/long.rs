//! Many atomic operations, and no end of them within a small limit: long, and no livelock.
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

static SUM: AtomicU64 = AtomicU64::new(0);

fn main() {
    let count = || (1..=300).for_each(|n| _ = SUM.fetch_add(n, SeqCst));
    let other = std::thread::spawn(count);
    count();
    other.join().unwrap();
    assert_eq!(SUM.load(SeqCst), 2 * 300 * 301 / 2);
}
