//! A receiver that sees the end, and is waited for.
use std::sync::mpsc;
use std::thread;

fn main() {
    let (tx, rx) = mpsc::channel::<u32>();
    let reader = thread::spawn(move || while rx.recv().is_ok() {});
    tx.send(1).unwrap();
    drop(tx);
    reader.join().unwrap();
}
