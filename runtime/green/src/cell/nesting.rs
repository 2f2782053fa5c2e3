//! Which variables the calling thread or goroutine is inside of, outside of executions: another access would wait for
//! itself.

use crate::outside::goroutine_id;
use std::cell::RefCell;

/// What a nested access panics with.
pub(super) const NESTED: &str = "nested access to a Shared";

thread_local! {
    /// What this thread's goroutines, and the thread itself, are inside of.
    static OPEN: RefCell<Vec<Access>> = const { RefCell::new(Vec::new()) };
}

struct Access {
    address: usize,
    writes: bool,
    goroutine: u64,
}

/// An access of the calling thread that is open; ends with it.
pub(super) struct Open {
    address: usize,
}

impl Open {
    /// Enters the variable at `address`.
    ///
    /// # Panics
    /// If the thread is inside of it already, unless both accesses only read.
    #[track_caller]
    #[inline]
    pub fn enter<T: ?Sized>(variable: &T, write: bool) -> Self {
        let address = std::ptr::from_ref(variable).cast::<u8>().addr();
        let goroutine = goroutine_id();
        let is_nested = |open: &RefCell<Vec<Access>>| {
            let mut open = open.borrow_mut();
            let is_nested = open.iter().any(|other| {
                other.address == address && other.goroutine == goroutine && (write || other.writes)
            });
            open.push(Access { address, writes: write, goroutine });
            is_nested
        };
        // A thread that ends has left everything but what its own destructors enter.
        let is_nested = OPEN.try_with(is_nested).unwrap_or(false);
        let entered = Open { address };
        assert!(!is_nested, "{NESTED}");
        entered
    }
}

impl Drop for Open {
    #[inline]
    fn drop(&mut self) {
        let goroutine = goroutine_id();
        let _ = OPEN.try_with(|open| {
            let mut open = open.borrow_mut();
            if let Some(at) =
                open.iter().rposition(|other| other.address == self.address && other.goroutine == goroutine)
            {
                open.remove(at);
            }
        });
    }
}
