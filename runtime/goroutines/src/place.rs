//! A place in the source that one thread writes and another may read at any time.

use std::panic::Location;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering::Relaxed};

/// A place, or none.
pub(crate) struct Place(AtomicPtr<Location<'static>>);

impl Place {
    pub const fn none() -> Self {
        Place(AtomicPtr::new(ptr::null_mut()))
    }

    pub fn set(&self, place: &'static Location<'static>) {
        self.0.store(ptr::from_ref(place).cast_mut(), Relaxed);
    }

    pub fn get(&self) -> Option<&'static Location<'static>> {
        // SAFETY: the pointer is null or was made of a reference that lives for ever.
        unsafe { self.0.load(Relaxed).cast_const().as_ref() }
    }
}
