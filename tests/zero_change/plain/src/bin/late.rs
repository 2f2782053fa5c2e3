//! An answer that is expected within a second, and comes later only if the timer fires while the other one can still run.

use std::sync::mpsc::channel;
use std::time::Duration;

fn main() {
    let (sender, receiver) = channel();
    let other = std::thread::spawn(move || sender.send(1));
    assert!(receiver.recv_timeout(Duration::from_secs(1)).is_ok(), "slept too long");
    let _ = other.join();
}
