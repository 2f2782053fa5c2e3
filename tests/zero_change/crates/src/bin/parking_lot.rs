//! Threads on `parking_lot`, used as it is meant.

use parking_lot::{Condvar, Mutex, RwLock};
use std::sync::Arc;
use std::thread;

fn main() {
    let shared = Arc::new((Mutex::new(0_u32), Condvar::new(), RwLock::new(Vec::new())));
    let workers: Vec<_> = (0..3)
        .map(|i| {
            let shared = shared.clone();
            thread::spawn(move || {
                shared.2.write().push(i);
                *shared.0.lock() += 1;
                shared.1.notify_one();
            })
        })
        .collect();
    let mut done = shared.0.lock();
    while *done < 3 {
        shared.1.wait(&mut done);
    }
    drop(done);
    workers.into_iter().for_each(|worker| worker.join().unwrap());
    assert_eq!(shared.2.read().len(), 3);
}
