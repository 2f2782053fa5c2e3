//! Two threads write a variable after they have given back the read-write lock that could have guarded it.
use std::cell::UnsafeCell;
use std::sync::RwLock;
use std::thread;

struct Shared(UnsafeCell<u64>);

unsafe impl Sync for Shared {}

static GUARD: RwLock<u64> = RwLock::new(0);
static COUNT: Shared = Shared(UnsafeCell::new(0));

fn add() {
    *GUARD.write().unwrap() += 1;
    unsafe { *COUNT.0.get() += 1 }; // bug
}

fn main() {
    let other = thread::spawn(add);
    add();
    other.join().unwrap();
}
