//! What a goroutine is to do: a closure in memory that is used again.

use super::blocks::{self, class_of};
use std::alloc::Layout;
use std::ptr::NonNull;

/// A closure that is called once, or dropped.
pub(crate) struct Code {
    place: NonNull<u8>,
    take: unsafe fn(NonNull<u8>, bool),
}

impl Code {
    /// # Safety
    /// What `f` borrows lives until the code was called or dropped, and `f` may be sent to where that is done.
    pub unsafe fn new<F: FnOnce()>(f: F) -> Code {
        let place = match class_of(Layout::new::<F>()) {
            Some(class) => blocks::take(class),
            // Nobody would look for a count in a box.
            None => NonNull::from(Box::leak(Box::new(std::mem::MaybeUninit::<F>::uninit()))).cast(),
        };
        // SAFETY: the place is ours, and large and aligned enough.
        unsafe { place.cast::<F>().write(f) };
        Code { place, take: take::<F> }
    }

    /// Calls it.
    pub fn call(self) {
        let code = std::mem::ManuallyDrop::new(self);
        // SAFETY: made by `new`, and taken once.
        unsafe { (code.take)(code.place, true) }
    }
}

impl Drop for Code {
    fn drop(&mut self) {
        // SAFETY: made by `new`, and taken once: `call` drops nothing.
        unsafe { (self.take)(self.place, false) }
    }
}

/// # Safety
/// `place` was made by [`Code::new`] of an `F`, and is not used again.
unsafe fn take<F: FnOnce()>(place: NonNull<u8>, call: bool) {
    // SAFETY: the caller's promise.
    let f = unsafe { place.cast::<F>().read() };
    match class_of(Layout::new::<F>()) {
        // SAFETY: taken with this class, and moved out of.
        Some(class) => unsafe { blocks::give(class, place) },
        // SAFETY: a box of this very type, moved out of.
        None => drop(unsafe { Box::from_raw(place.cast::<std::mem::MaybeUninit<F>>().as_ptr()) }),
    }
    if call {
        f();
    }
}
