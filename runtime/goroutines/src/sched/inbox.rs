//! Where others put goroutines that they woke for a worker: a stack that all push to, and its owner takes as a whole.
//!
//! It is Treiber's stack (IBM RJ 5118, 1986) without its difficulty, since nobody takes one alone: what is at the top may go and
//! come again between two looks, and what lies under it is then read anew, or was never read.

use crate::prim::atomic::{
    AtomicPtr, AtomicUsize,
    Ordering::{Acquire, Relaxed, SeqCst},
};
use std::ptr::{self, NonNull};

/// What can lie in an inbox.
pub(crate) trait Linked: Sized {
    /// The one under it.
    fn under(&self) -> &AtomicPtr<Self>;
}

/// See the module.
pub(crate) struct Inbox<T> {
    top: AtomicPtr<T>,
    len: AtomicUsize,
}

impl<T: Linked> Inbox<T> {
    /// An empty one.
    pub fn new() -> Self {
        Inbox { top: AtomicPtr::new(ptr::null_mut()), len: AtomicUsize::new(0) }
    }

    /// Whether nothing is in it, as far as one look can tell.
    pub fn is_empty(&self) -> bool {
        self.top.load(SeqCst).is_null()
    }

    /// How many are in it, about.
    pub fn len(&self) -> usize {
        self.len.load(Relaxed)
    }

    /// Puts `item` in. `true`: it is the first, and its owner must be told.
    ///
    /// # Safety
    /// It is in no inbox, and lives until it is taken out.
    pub unsafe fn put(&self, item: NonNull<T>) -> bool {
        self.len.fetch_add(1, Relaxed);
        let mut top = self.top.load(Relaxed);
        loop {
            // SAFETY: it lives: the caller's promise.
            unsafe { item.as_ref() }.under().store(top, Relaxed);
            // Whoever takes it sees what it lies on, and what was done before.
            match self.top.compare_exchange_weak(top, item.as_ptr(), SeqCst, Relaxed) {
                Ok(_) => return top.is_null(),
                Err(other) => top = other,
            }
        }
    }

    /// Takes all out, the oldest first. For the owner only.
    pub fn take_all(&self, mut each: impl FnMut(NonNull<T>)) {
        let mut rest = NonNull::new(self.top.swap(ptr::null_mut(), Acquire));
        let mut count = 0;
        // Turned round: then the oldest is at the top.
        let mut turned = ptr::null_mut();
        while let Some(item) = rest {
            // SAFETY: it was put in and not taken out before, and so lives.
            let under = unsafe { item.as_ref() }.under();
            rest = NonNull::new(under.load(Relaxed));
            under.store(turned, Relaxed);
            turned = item.as_ptr();
            count += 1;
        }
        self.len.fetch_sub(count, Relaxed);
        let mut rest = NonNull::new(turned);
        while let Some(item) = rest {
            // SAFETY: as above; and it is not touched any more once it is given away.
            rest = NonNull::new(unsafe { item.as_ref() }.under().load(Relaxed));
            each(item);
        }
    }
}
