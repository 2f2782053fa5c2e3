//! The same, with the reader after the join.
use std::cell::UnsafeCell;
use std::sync::Arc;
use std::thread;

struct Account(UnsafeCell<u64>);

// The join orders the accesses.
unsafe impl Sync for Account {}

fn main() {
    let account = Arc::new(Account(UnsafeCell::new(100)));
    let theirs = account.clone();
    let teller = thread::spawn(move || unsafe {
        *theirs.0.get() += 10;
    });
    teller.join().unwrap();
    let seen = unsafe { *account.0.get() };
    assert!(seen == 110);
}
