//! Threads on `regex`, used as it is meant.

use regex::Regex;
use std::sync::LazyLock;
use std::thread;

static WORD: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^(\w+)-(\d+)$").unwrap());

fn main() {
    let workers: Vec<_> =
        (0..3).map(|i| thread::spawn(move || WORD.captures(&format!("abc-{i}")).unwrap()[1].len())).collect();
    assert_eq!(workers.into_iter().map(|worker| worker.join().unwrap()).sum::<usize>(), 9);
}
