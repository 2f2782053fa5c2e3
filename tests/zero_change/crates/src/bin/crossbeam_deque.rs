//! Threads on `crossbeam_deque`, used as it is meant.

use crossbeam_deque::{Steal, Worker};
use std::thread;

fn main() {
    let worker = Worker::new_lifo();
    let stealer = worker.stealer();
    let thief = thread::spawn(move || {
        let mut got = 0;
        for _ in 0..40 {
            match stealer.steal() {
                Steal::Success(_) => got += 1,
                Steal::Empty => thread::yield_now(),
                Steal::Retry => {}
            }
        }
        got
    });
    for i in 0..100 {
        worker.push(i);
    }
    let mut own = 0;
    while worker.pop().is_some() {
        own += 1;
    }
    let stolen = thief.join().unwrap();
    assert!(own + stolen <= 100);
}
