//! A receiver whose last sender is never dropped.
use std::sync::mpsc;
use std::thread;

fn main() {
    let (tx, rx) = mpsc::channel::<u32>();
    let kept = tx.clone();
    thread::spawn(move || {
        while rx.recv().is_ok() {} // bug
    });
    tx.send(1).unwrap();
    std::mem::forget(kept);
}
