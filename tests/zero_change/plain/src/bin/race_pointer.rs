//! A raw pointer that two threads write through.
use std::thread;

#[derive(Clone, Copy)]
struct Shared(*mut u32);

// Wrong, and that is the point.
unsafe impl Send for Shared {}

impl Shared {
    fn write(self, value: u32) {
        unsafe { *self.0 = value } // bug
    }
}

fn main() {
    let shared = Shared(Box::into_raw(Box::new(0)));
    let other = thread::spawn(move || shared.write(1));
    shared.write(2);
    other.join().unwrap();
    drop(unsafe { Box::from_raw(shared.0) });
}
