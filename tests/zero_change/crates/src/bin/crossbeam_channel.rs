//! Threads on `crossbeam_channel`, used as it is meant.

use crossbeam_channel::{bounded, select, unbounded};
use std::thread;

fn main() {
    let (tx, rx) = bounded(1);
    let (tx2, rx2) = unbounded();
    let a = thread::spawn(move || (0..3).for_each(|i| tx.send(i).unwrap()));
    let b = thread::spawn(move || (10..13).for_each(|i| tx2.send(i).unwrap()));
    let mut seen = Vec::new();
    while seen.len() < 6 {
        select! {
            recv(rx) -> v => seen.extend(v),
            recv(rx2) -> v => seen.extend(v),
        }
    }
    a.join().unwrap();
    b.join().unwrap();
    seen.sort();
    assert_eq!(seen, [0, 1, 2, 10, 11, 12]);
}
