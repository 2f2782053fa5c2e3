//! The same program, forked as often as it is told, each time to its end and without anybody looking: `bare COUNT`.
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::thread;

unsafe extern "C" {
    fn fork() -> i32;
    fn waitpid(process: i32, status: *mut i32, options: i32) -> i32;
    fn _exit(code: i32) -> !;
}

static SUM: AtomicU64 = AtomicU64::new(0);

fn two_threads() {
    let other = thread::spawn(|| SUM.fetch_add(1, SeqCst));
    SUM.fetch_add(1, SeqCst);
    other.join().unwrap();
    assert_eq!(SUM.load(SeqCst), 2);
}

fn main() {
    let count: u32 = std::env::args().nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
    for _ in 0..count {
        match unsafe { fork() } {
            0 => {
                two_threads();
                unsafe { _exit(0) }
            }
            process => _ = unsafe { waitpid(process, std::ptr::null_mut(), 0) },
        }
    }
}
