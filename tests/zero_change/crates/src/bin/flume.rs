//! Threads on `flume`, used as it is meant.

use std::thread;

fn main() {
    let (tx, rx) = flume::bounded(1);
    let tx2 = tx.clone();
    let a = thread::spawn(move || (0..3).for_each(|i| tx.send(i).unwrap()));
    let b = thread::spawn(move || (0..3).for_each(|i| tx2.send(i).unwrap()));
    assert_eq!(rx.iter().count(), 6);
    a.join().unwrap();
    b.join().unwrap();
}
