//! A panic that only some schedules give, behind locks that are taken and given back: what the guards ask of std's
//! count of panics is not about the lock.
use std::sync::{Arc, Mutex};
use std::thread;

fn main() {
    let total = Arc::new(Mutex::new(0));
    let theirs = total.clone();
    let other = thread::spawn(move || {
        let seen = *theirs.lock().unwrap();
        *theirs.lock().unwrap() = seen + 1;
    });
    let seen = *total.lock().unwrap();
    *total.lock().unwrap() = seen + 1;
    other.join().unwrap();
    assert_eq!(*total.lock().unwrap(), 2, "an update was lost"); // bug
}
