//! The atomic types by std's names, with what std has as a `const fn`, which no trait can stand for.

use crate::sync::atomic::Atomic;

macro_rules! named {
    ($($name:ident[$($param:ident)?] $value:ty, $what:literal;)*) => {$(
        #[doc = concat!("An atomic ", $what, ".\n\nSee [`std::sync::atomic::", stringify!($name), "`]: same methods, same meaning, checked inside an execution.")]
        pub type $name$(<$param>)? = Atomic<$value>;

        impl$(<$param>)? Atomic<$value> {
            /// A new atomic with this value.
            #[inline]
            #[track_caller]
            pub const fn new(value: $value) -> Self {
                Atomic::of(std::sync::atomic::$name::new(value))
            }

            /// A pointer to the value. What is done through it is no operation that a check sees; inside an
            /// execution a write through it is lost.
            #[inline]
            pub const fn as_ptr(&self) -> *mut $value {
                self.inner.as_ptr()
            }
        }
    )*};
}

named! {
    AtomicBool[] bool, "`bool`";
    AtomicU8[] u8, "`u8`";
    AtomicU16[] u16, "`u16`";
    AtomicU32[] u32, "`u32`";
    AtomicU64[] u64, "`u64`";
    AtomicUsize[] usize, "`usize`";
    AtomicI8[] i8, "`i8`";
    AtomicI16[] i16, "`i16`";
    AtomicI32[] i32, "`i32`";
    AtomicI64[] i64, "`i64`";
    AtomicIsize[] isize, "`isize`";
    AtomicPtr[T] *mut T, "pointer";
}
