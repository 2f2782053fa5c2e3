//! A notification outside of the lock, before the condition is true.
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

fn main() {
    let pair = Arc::new((Mutex::new(false), Condvar::new()));
    let theirs = pair.clone();
    let other = thread::spawn(move || {
        theirs.1.notify_one();
        *theirs.0.lock().unwrap() = true;
    });
    let mut ready = pair.0.lock().unwrap();
    while !*ready {
        ready = pair.1.wait(ready).unwrap(); // bug
    }
    drop(ready);
    other.join().unwrap();
}
