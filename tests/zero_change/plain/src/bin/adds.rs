//! Two threads that add three times each, to one number, and do nothing else that a schedule could order: they are not
//! std's, which have a start and an end of their own.
use std::ffi::c_void;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

unsafe extern "C" {
    fn pthread_create(
        thread: *mut usize,
        attributes: *const c_void,
        start: extern "C" fn(*mut c_void) -> *mut c_void,
        argument: *mut c_void,
    ) -> i32;
    fn pthread_join(thread: usize, result: *mut *mut c_void) -> i32;
}

static SUM: AtomicU64 = AtomicU64::new(0);

extern "C" fn add(_: *mut c_void) -> *mut c_void {
    for _ in 0..3 {
        SUM.fetch_add(1, SeqCst);
    }
    null_mut()
}

fn main() {
    let mut threads = [0; 2];
    for thread in &mut threads {
        assert_eq!(unsafe { pthread_create(thread, null(), add, null_mut()) }, 0);
    }
    for thread in threads {
        assert_eq!(unsafe { pthread_join(thread, null_mut()) }, 0);
    }
    assert_eq!(SUM.load(SeqCst), 6);
}
