//! A `static mut` that two threads count in.
use std::thread;

static mut COUNT: u32 = 0;

fn main() {
    let other = thread::spawn(|| unsafe { COUNT += 1 }); // bug
    unsafe { COUNT += 1 }; // bug
    other.join().unwrap();
}
