//! RUSTSEC-2021-0124: in tokio 1.8.0 a `oneshot::Receiver` that is closed and then polled races with the sender.
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Wake, Waker};
use tokio::sync::oneshot;

struct Ignored;

impl Wake for Ignored {
    fn wake(self: Arc<Self>) {}
}

fn main() {
    let (tx, mut rx) = oneshot::channel::<Box<u32>>();
    let sender = std::thread::spawn(move || _ = tx.send(Box::new(7)));
    let waker = Waker::from(Arc::new(Ignored));
    rx.close();
    let _ = Pin::new(&mut rx).poll(&mut Context::from_waker(&waker));
    drop(rx);
    sender.join().unwrap();
}
