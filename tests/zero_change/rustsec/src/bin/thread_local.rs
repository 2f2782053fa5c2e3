//! RUSTSEC-2022-0006: in thread_local 1.1.3 `iter` may read what another thread is just inserting.
//!
//! Numbers of threads are global, and the first ones are prepared when a `ThreadLocal` is made: 0 to 2 are taken through
//! another one, so that number 3 allocates a bucket of two.
use std::sync::Arc;
use thread_local::ThreadLocal;

fn take(n: u32, other: Arc<ThreadLocal<u32>>, wide: Arc<ThreadLocal<u32>>) {
    other.get_or(|| n);
    if n < 2 {
        let (other, wide) = (other.clone(), wide.clone());
        std::thread::spawn(move || take(n + 1, other, wide)).join().unwrap();
    } else {
        let theirs = wide.clone();
        let insertion = std::thread::spawn(move || _ = theirs.get_or(|| 7));
        let _ = wide.iter().sum::<u32>();
        insertion.join().unwrap();
    }
}

fn main() {
    take(0, Arc::new(ThreadLocal::new()), Arc::new(ThreadLocal::new()));
}
