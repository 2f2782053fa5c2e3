//! Two threads, one `UnsafeCell`, nothing between them.
use std::cell::UnsafeCell;
use std::sync::Arc;
use std::thread;

struct Account(UnsafeCell<u64>);

// Wrong, and that is the point.
unsafe impl Sync for Account {}

fn main() {
    let account = Arc::new(Account(UnsafeCell::new(100)));
    let theirs = account.clone();
    let teller = thread::spawn(move || unsafe {
        *theirs.0.get() += 10; // bug
    });
    let seen = unsafe { *account.0.get() }; // bug
    teller.join().unwrap();
    assert!(seen == 100 || seen == 110);
}
