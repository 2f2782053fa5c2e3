//! Threads on `tracing`, used as it is meant.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use tracing::{Event, Metadata, Subscriber, span};

struct Count(AtomicU64);
impl Subscriber for Count {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(self.0.fetch_add(1, Ordering::Relaxed) + 1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, _: &Event<'_>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

fn main() {
    tracing::subscriber::set_global_default(Count(AtomicU64::new(0))).unwrap();
    let workers: Vec<_> = (0..3)
        .map(|i| {
            thread::spawn(move || {
                let _span = tracing::info_span!("work", i).entered();
                tracing::info!("hello {i}");
            })
        })
        .collect();
    workers.into_iter().for_each(|worker| worker.join().unwrap());
}
