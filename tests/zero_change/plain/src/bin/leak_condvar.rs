//! A thread that waits for what nobody ever says.
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

fn main() {
    let pair = Arc::new((Mutex::new(false), Condvar::new()));
    let theirs = pair.clone();
    thread::spawn(move || {
        let mut ready = theirs.0.lock().unwrap();
        while !*ready {
            ready = theirs.1.wait(ready).unwrap(); // bug
        }
    });
    drop(pair);
}
