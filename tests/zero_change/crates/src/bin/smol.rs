//! Threads on `smol`, used as it is meant.

use std::time::Duration;

fn main() {
    smol::block_on(async {
        let (tx, rx) = smol::channel::bounded(1);
        let task = smol::spawn(async move {
            smol::Timer::after(Duration::from_millis(3)).await;
            tx.send(7).await.unwrap();
        });
        assert_eq!(rx.recv().await, Ok(7));
        task.await;
    });
}
