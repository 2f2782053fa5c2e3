//! The waker of an OS thread: it unparks the thread, which looks whether it was meant.

use crate::outside::thread::{self, Thread};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Wake, Waker};

/// What unparks a thread that waits for a future.
pub(crate) struct ThreadWaker {
    thread: Thread,
    /// The thread's own token may be taken by whatever else parks on it.
    woken: AtomicBool,
}

impl ThreadWaker {
    /// The calling thread's, and what that thread waits by.
    #[inline]
    pub fn of_current() -> (Waker, Arc<Self>) {
        let this = Arc::new(ThreadWaker { thread: thread::current(), woken: AtomicBool::new(false) });
        (Waker::from(this.clone()), this)
    }

    /// Waits, on its own thread, until it was woken since the last time.
    #[inline]
    pub fn wait(&self) {
        while !self.woken.swap(false, Ordering::Acquire) {
            thread::park();
        }
    }
}

impl Wake for ThreadWaker {
    #[inline]
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    #[inline]
    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::Release);
        self.thread.unpark();
    }
}
