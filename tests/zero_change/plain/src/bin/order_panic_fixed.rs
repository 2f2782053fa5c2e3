//! An update in one step, and two panics that the program itself deals with.
use std::panic::catch_unwind;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

static COUNT: AtomicUsize = AtomicUsize::new(0);

fn main() {
    let other = thread::spawn(|| {
        COUNT.fetch_add(1, SeqCst);
        assert!(catch_unwind(|| panic!("nobody minds")).is_err());
    });
    COUNT.fetch_add(1, SeqCst);
    other.join().unwrap();
    assert!(thread::spawn(|| panic!("somebody looks")).join().is_err());
    assert_eq!(COUNT.load(SeqCst), 2);
}
