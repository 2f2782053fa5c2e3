//! A semaphore of C's that somebody posts to once, and two wait at.
use std::cell::UnsafeCell;
use std::thread;

struct Semaphore(UnsafeCell<[u64; 4]>);

unsafe impl Sync for Semaphore {}

static ROOM: Semaphore = Semaphore(UnsafeCell::new([0; 4]));

unsafe extern "C" {
    fn sem_init(semaphore: *mut [u64; 4], shared: i32, value: u32) -> i32;
    fn sem_wait(semaphore: *mut [u64; 4]) -> i32;
    fn sem_post(semaphore: *mut [u64; 4]) -> i32;
}

fn main() {
    assert_eq!(unsafe { sem_init(ROOM.0.get(), 0, 0) }, 0);
    let other = thread::spawn(|| unsafe { sem_wait(ROOM.0.get()) }); // bug
    assert_eq!(unsafe { sem_post(ROOM.0.get()) }, 0);
    unsafe { sem_wait(ROOM.0.get()) }; // bug
    other.join().unwrap();
}
