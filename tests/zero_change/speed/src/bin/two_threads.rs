//! Two threads and one join: the least that can be explored.
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::thread;

static SUM: AtomicU64 = AtomicU64::new(0);

fn main() {
    let other = thread::spawn(|| SUM.fetch_add(1, SeqCst));
    SUM.fetch_add(1, SeqCst);
    other.join().unwrap();
    assert_eq!(SUM.load(SeqCst), 2);
}
