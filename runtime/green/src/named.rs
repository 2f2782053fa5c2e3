//! Two small traits that give std-shaped types what std's do not have, in every build.

/// Gives an object the name that reports call it by.
///
/// Without a name a report takes the identifier left of `=` or `:` on the line that made the object.
///
/// ```
/// use gorace::{Named, sync::Mutex};
/// let accounts = Mutex::new(0).named("accounts");
/// # assert_eq!(*accounts.lock().unwrap(), 0);
/// ```
pub trait Named: Sized {
    /// The same object, named.
    #[must_use]
    fn named(self, name: &'static str) -> Self;
}

/// Says that a task is meant to outlive main: it is no leak.
///
/// ```
/// use gorace::Detach;
/// gorace::go!({ /* serves until the process ends */ }).detach();
/// ```
pub trait Detach {
    /// Lets the task go on by itself.
    fn detach(self);
}

#[cfg(not(feature = "check"))]
mod std_types {
    use super::{Detach, Named};
    use crate::outside::sync::{Barrier, Condvar, LazyLock, Mutex, Once, OnceLock, RwLock};
    use std::sync::atomic::{
        AtomicBool, AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize, AtomicPtr, AtomicU8, AtomicU16,
        AtomicU32, AtomicU64, AtomicUsize,
    };

    macro_rules! named {
        ($([$($param:ident)?] $ty:ty,)*) => {
            $(impl$(<$param>)? Named for $ty {
                #[inline]
                fn named(self, _name: &'static str) -> Self {
                    self
                }
            })*
        };
    }
    named! {
        [] AtomicBool, [] AtomicI8, [] AtomicI16, [] AtomicI32, [] AtomicI64, [] AtomicIsize,
        [] AtomicU8, [] AtomicU16, [] AtomicU32, [] AtomicU64, [] AtomicUsize, [] Condvar,
        [T] AtomicPtr<T>, [T] Mutex<T>, [T] RwLock<T>, [T] OnceLock<T>, [] Barrier, [] Once,
    }

    impl<T, F> Named for LazyLock<T, F> {
        #[inline]
        fn named(self, _name: &'static str) -> Self {
            self
        }
    }

    impl<T> Detach for crate::outside::thread::JoinHandle<T> {
        #[inline]
        fn detach(self) {}
    }
}
