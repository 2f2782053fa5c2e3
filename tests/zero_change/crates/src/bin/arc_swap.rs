//! Threads on `arc_swap`, used as it is meant.

use arc_swap::ArcSwap;
use std::sync::Arc;
use std::thread;

fn main() {
    let value = Arc::new(ArcSwap::from_pointee(0));
    let theirs = value.clone();
    let other = thread::spawn(move || (1..4).for_each(|i| theirs.store(Arc::new(i))));
    let mut last = 0;
    for _ in 0..4 {
        let now = **value.load();
        assert!(now >= last);
        last = now;
    }
    other.join().unwrap();
}
