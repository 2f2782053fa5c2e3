//! The macro `thread_local!`, in every build.

/// Declares thread-local statics, as std's macro does.
///
/// ```
/// use std::cell::Cell;
/// gorace::thread_local! {
///     static DEPTH: Cell<u32> = const { Cell::new(0) };
/// }
/// DEPTH.set(2);
/// assert_eq!(DEPTH.get(), 2);
/// ```
#[macro_export]
macro_rules! thread_local {
    () => {};
    ($(#[$attr:meta])* $vis:vis static $name:ident: $ty:ty = const { $init:expr } $(; $($rest:tt)*)?) => {
        $crate::__thread_local!([$(#[$attr])* $vis $name] $ty, $init);
        $($crate::thread_local!($($rest)*);)?
    };
    ($(#[$attr:meta])* $vis:vis static $name:ident: $ty:ty = const $init:block $(; $($rest:tt)*)?) => {
        $crate::__thread_local!([$(#[$attr])* $vis $name] $ty, $init);
        $($crate::thread_local!($($rest)*);)?
    };
    ($(#[$attr:meta])* $vis:vis static $name:ident: $ty:ty = $init:expr $(; $($rest:tt)*)?) => {
        $crate::__thread_local!([$(#[$attr])* $vis $name] $ty, $init);
        $($crate::thread_local!($($rest)*);)?
    };
}

#[doc(hidden)]
#[macro_export]
#[cfg(feature = "check")]
macro_rules! __thread_local {
    ([$(#[$attr:meta])* $vis:vis $name:ident] $ty:ty, $init:expr) => {
        $(#[$attr])*
        $vis static $name: $crate::thread::LocalKey<$ty> = {
            fn init() -> $ty {
                $init
            }
            ::std::thread_local! { static OUTSIDE: $ty = init(); }
            $crate::thread::LocalKey::new(&OUTSIDE, init)
        };
    };
}

#[doc(hidden)]
#[macro_export]
#[cfg(not(feature = "check"))]
macro_rules! __thread_local {
    ([$(#[$attr:meta])* $vis:vis $name:ident] $ty:ty, $init:expr) => {
        ::std::thread_local! { $(#[$attr])* $vis static $name: $ty = $init; }
    };
}
