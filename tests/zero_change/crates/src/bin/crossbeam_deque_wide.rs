//! Threads on `crossbeam_deque`, with elements too wide for one access: what a thief reads is checked afterwards.

use crossbeam_deque::{Steal, Worker};
use std::thread;

fn main() {
    let worker = Worker::<[u64; 4]>::new_lifo();
    let stealer = worker.stealer();
    let thief = thread::spawn(move || {
        for _ in 0..20 {
            match stealer.steal() {
                Steal::Success([a, b, c, d]) => assert!(a == b && c == d, "it is whole"),
                Steal::Empty => thread::yield_now(),
                Steal::Retry => {}
            }
        }
    });
    for i in 0..70_u64 {
        worker.push([i; 4]);
        if i % 3 == 0 {
            worker.pop();
        }
    }
    thief.join().unwrap();
}
