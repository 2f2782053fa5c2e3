//! Threads on `tokio`, used as it is meant.

use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, mpsc, oneshot};

fn main() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap();
    runtime.block_on(async {
        let (tx, mut rx) = mpsc::channel(2);
        let total = Arc::new(Mutex::new(0));
        let tasks: Vec<_> = (0..3)
            .map(|i| {
                let (tx, total) = (tx.clone(), total.clone());
                tokio::spawn(async move {
                    *total.lock().await += i;
                    tx.send(i).await.unwrap();
                    tokio::time::sleep(Duration::from_millis(5)).await;
                })
            })
            .collect();
        drop(tx);
        let mut got = 0;
        while let Some(i) = rx.recv().await {
            got += i;
        }
        assert_eq!(got, 3);
        for task in tasks {
            task.await.unwrap();
        }
        let (one, other) = oneshot::channel::<u32>();
        tokio::spawn(async move { one.send(7).unwrap() });
        let seen = tokio::select! {
            v = other => v.unwrap(),
            () = tokio::time::sleep(Duration::from_secs(5)) => 0,
        };
        assert_eq!(seen, 7);
        assert_eq!(*total.lock().await, 3);
    });
}
