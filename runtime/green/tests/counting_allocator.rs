//! A program whose allocator counts live blocks by size, in thread-locals: one of its counts goes along with that of panics,
//! since each panic is a block. Std's own is found all the same.
#![cfg(all(feature = "check", target_os = "linux"))]

use gorace::Checker;
use gorace::check::{Strategy, Verdict};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

const CLASSES: usize = 64;

thread_local! {
    static LIVE: [Cell<usize>; CLASSES] = const { [const { Cell::new(0) }; CLASSES] };
}

struct Counting;

fn count(layout: Layout, by: usize) {
    let _ = LIVE.try_with(|live| {
        if let Some(class) = live.get(layout.size() / 8) {
            class.set(class.get().wrapping_add(by));
        }
    });
}

// SAFETY: the system's own, which is asked for the same.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout, 1);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        count(layout, usize::MAX);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn panics_are_counted_by_task_beside_other_counts() {
    let outcome = Checker::new().strategy(Strategy::Exhaustive).run(|| {
        let lock = gorace::sync::Arc::new(gorace::sync::Mutex::new(0));
        let tasks = [0, 1].map(|_| {
            let lock = lock.clone();
            gorace::thread::spawn(move || {
                struct Locks(gorace::sync::Arc<gorace::sync::Mutex<u32>>);
                impl Drop for Locks {
                    fn drop(&mut self) {
                        *self.0.lock().unwrap() += 1;
                        assert!(std::thread::panicking());
                    }
                }
                let panics = catch_unwind(AssertUnwindSafe(|| {
                    let _locks = Locks(lock);
                    resume_unwind(Box::new(5_u8))
                }));
                assert!(panics.is_err() && !std::thread::panicking());
            })
        });
        tasks.into_iter().for_each(|task| task.join().unwrap());
        assert!(!lock.is_poisoned());
    });
    outcome.assert_clean();
    // The two orders of the locks.
    assert_eq!((outcome.verdict, outcome.executions), (Verdict::Verified, 2), "{outcome:?}");
}
