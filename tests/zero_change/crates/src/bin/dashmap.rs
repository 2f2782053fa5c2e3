//! Threads on `dashmap`, used as it is meant.

use dashmap::DashMap;
use std::sync::Arc;
use std::thread;

fn main() {
    let map = Arc::new(DashMap::new());
    let workers: Vec<_> = (0..3)
        .map(|i| {
            let map = map.clone();
            thread::spawn(move || {
                for key in 0..4 {
                    *map.entry(key).or_insert(0) += i;
                }
            })
        })
        .collect();
    workers.into_iter().for_each(|worker| worker.join().unwrap());
    assert_eq!(*map.get(&0).unwrap(), 3);
}
