//! Which variables the calling thread is inside of, outside of executions: another access would wait for itself.

use std::cell::RefCell;

/// What a nested access panics with.
pub(super) const NESTED: &str = "nested access to a Shared";

thread_local! {
    /// The addresses of the variables, and whether they are written.
    static OPEN: RefCell<Vec<(usize, bool)>> = const { RefCell::new(Vec::new()) };
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
        let is_nested = |open: &RefCell<Vec<(usize, bool)>>| {
            let mut open = open.borrow_mut();
            let is_nested = open.iter().any(|(other, writes)| *other == address && (write || *writes));
            open.push((address, write));
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
        let _ = OPEN.try_with(|open| {
            let mut open = open.borrow_mut();
            if let Some(at) = open.iter().rposition(|(other, _)| *other == self.address) {
                open.remove(at);
            }
        });
    }
}
