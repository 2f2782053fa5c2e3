//! Two locks in both orders, taken by one line of a function that calls itself again.
use std::sync::Mutex;
use std::thread;

fn with(lock: &Mutex<u64>, f: impl FnOnce()) {
    let _taken = lock.lock().unwrap(); // bug
    f();
}

static A: Mutex<u64> = Mutex::new(0);
static B: Mutex<u64> = Mutex::new(0);

fn main() {
    let other = thread::spawn(|| with(&A, || with(&B, || ())));
    with(&B, || with(&A, || ()));
    other.join().unwrap();
}
