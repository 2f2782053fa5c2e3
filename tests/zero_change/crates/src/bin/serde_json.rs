//! Threads on `serde_json`, used as it is meant.

use serde_json::Value;
use std::sync::Arc;
use std::thread;

fn main() {
    let value: Arc<Value> = Arc::new(serde_json::from_str(r#"{"a": [1, 2, 3]}"#).unwrap());
    let workers: Vec<_> = (0..3)
        .map(|_| {
            let value = value.clone();
            thread::spawn(move || value.to_string().len())
        })
        .collect();
    assert_eq!(workers.into_iter().map(|worker| worker.join().unwrap()).sum::<usize>(), 39);
}
