//! A program that forks while another thread runs, and waits for the child.
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::thread;

unsafe extern "C" {
    fn fork() -> i32;
    fn waitpid(process: i32, status: *mut i32, options: i32) -> i32;
    fn _exit(code: i32) -> !;
}

static SUM: AtomicU64 = AtomicU64::new(0);

fn main() {
    let other = thread::spawn(|| SUM.fetch_add(1, SeqCst));
    let process = unsafe { fork() };
    if process == 0 {
        let sum = SUM.load(SeqCst);
        unsafe { _exit(sum as i32) };
    }
    let mut status = 0;
    assert_eq!(unsafe { waitpid(process, &mut status, 0) }, process);
    other.join().unwrap();
    assert!(status >> 8 <= 1, "it ended by itself");
}
