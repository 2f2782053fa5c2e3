//! Two locks, taken in one order.
use std::sync::{Arc, Mutex};
use std::thread;

fn main() {
    let a = Arc::new(Mutex::new(100));
    let b = Arc::new(Mutex::new(200));
    let (a2, b2) = (a.clone(), b.clone());
    let transfer = move || {
        let mut from = a2.lock().unwrap();
        let mut to = b2.lock().unwrap();
        *to += 1;
        *from -= 1;
    };
    let other = thread::Builder::new().name("transfer".to_owned()).spawn(transfer).unwrap();
    let mut from = a.lock().unwrap();
    let mut to = b.lock().unwrap();
    *from -= 1;
    *to += 1;
    drop((from, to));
    other.join().unwrap();
}
