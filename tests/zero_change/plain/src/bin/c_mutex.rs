//! Two mutexes of the C library, taken in both orders.
use std::cell::UnsafeCell;
use std::thread;

unsafe extern "C" {
    fn pthread_mutex_lock(mutex: *mut [u64; 5]) -> i32;
    fn pthread_mutex_unlock(mutex: *mut [u64; 5]) -> i32;
}

/// As `PTHREAD_MUTEX_INITIALIZER` makes it.
struct Mutex(UnsafeCell<[u64; 5]>);

unsafe impl Sync for Mutex {}

impl Mutex {
    fn with(&self, f: impl FnOnce()) {
        assert_eq!(unsafe { pthread_mutex_lock(self.0.get()) }, 0); // bug
        f();
        assert_eq!(unsafe { pthread_mutex_unlock(self.0.get()) }, 0);
    }
}

static A: Mutex = Mutex(UnsafeCell::new([0; 5]));
static B: Mutex = Mutex(UnsafeCell::new([0; 5]));

fn main() {
    let other = thread::spawn(|| A.with(|| B.with(|| ())));
    B.with(|| A.with(|| ()));
    other.join().unwrap();
}
