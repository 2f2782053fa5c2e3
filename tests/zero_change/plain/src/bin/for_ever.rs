//! A server's loop: two that work, and sleep, for ever.

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

fn main() {
    let jobs = Arc::new(Mutex::new(0_u64));
    let work = |jobs: Arc<Mutex<u64>>| {
        loop {
            *jobs.lock().unwrap() += 1;
            thread::sleep(Duration::from_secs(1));
        }
    };
    let theirs = jobs.clone();
    thread::spawn(move || work(theirs));
    work(jobs)
}
