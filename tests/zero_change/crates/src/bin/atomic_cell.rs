//! Threads on `atomic_cell`, used as it is meant.

use crossbeam_utils::atomic::AtomicCell;
use std::sync::Arc;
use std::thread;

fn main() {
    let cell = Arc::new(AtomicCell::new([0_u64; 2]));
    let theirs = cell.clone();
    let other = thread::spawn(move || (1..4).for_each(|i| theirs.store([i, i])));
    for _ in 0..3 {
        let [a, b] = cell.load();
        assert_eq!(a, b);
    }
    other.join().unwrap();
}
