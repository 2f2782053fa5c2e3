//! A thread that always panics, and is joined.
use std::thread;

fn main() {
    let other = thread::spawn(|| assert_eq!(1 + 1, 3, "it never holds"));
    assert!(other.join().is_err());
    panic!("and so does main");
}
