//! Two threads that each map memory, write to it, and give it back: the second may get the first one's addresses.
//! There is more of it than of what std maps for a thread, so that some of it is where that was.
use std::ptr::null_mut;
use std::thread;

unsafe extern "C" {
    fn mmap(at: *mut u64, size: usize, access: i32, flags: i32, fd: i32, offset: i64) -> *mut u64;
    fn munmap(at: *mut u64, size: usize) -> i32;
}

const SIZE: usize = 1 << 16;

fn main() {
    let work = || {
        // Readable and writable; private and of no file.
        let memory = unsafe { mmap(null_mut(), SIZE, 3, 0x22, -1, 0) };
        assert_ne!(memory.addr(), usize::MAX);
        unsafe {
            for at in (0..SIZE / 8).step_by(8) {
                *memory.add(at) = 1;
            }
            assert_eq!(munmap(memory, SIZE), 0);
        }
    };
    let other = thread::spawn(work);
    work();
    other.join().unwrap();
}
