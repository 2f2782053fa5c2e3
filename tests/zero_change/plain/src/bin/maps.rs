//! Two threads that each map a page, write to it, and give it back: the second may get the first one's addresses.
use std::ptr::null_mut;
use std::thread;

unsafe extern "C" {
    fn mmap(at: *mut u64, size: usize, access: i32, flags: i32, fd: i32, offset: i64) -> *mut u64;
    fn munmap(at: *mut u64, size: usize) -> i32;
}

fn main() {
    let work = || {
        // Readable and writable; private and of no file.
        let page = unsafe { mmap(null_mut(), 4096, 3, 0x22, -1, 0) };
        assert_ne!(page.addr(), usize::MAX);
        unsafe {
            *page += 1;
            assert_eq!(*page, 1);
            assert_eq!(munmap(page, 4096), 0);
        }
    };
    let other = thread::spawn(work);
    work();
    other.join().unwrap();
}
