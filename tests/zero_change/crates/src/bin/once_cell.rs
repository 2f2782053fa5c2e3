//! Threads on `once_cell`, used as it is meant.

use once_cell::sync::{Lazy, OnceCell};
use std::thread;

static LAZY: Lazy<Vec<u32>> = Lazy::new(|| vec![1, 2, 3]);
static CELL: OnceCell<String> = OnceCell::new();

fn main() {
    let workers: Vec<_> = (0..3)
        .map(|i| thread::spawn(move || LAZY.len() + CELL.get_or_init(|| format!("{i}")).len()))
        .collect();
    assert_eq!(workers.into_iter().map(|worker| worker.join().unwrap()).sum::<usize>(), 12);
}
