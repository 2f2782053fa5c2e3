//! What ThreadSanitizer is told of switches between stacks, in builds with `--cfg gorace_tsan` (`just tsan`).
//!
//! In any other build there is nothing here. A switch orders what was done before it with what is done after it, as it
//! does in fact: both are of one thread.

#[cfg(gorace_tsan)]
mod told {
    use std::ffi::{c_uint, c_void};

    unsafe extern "C" {
        fn __tsan_get_current_fiber() -> *mut c_void;
        fn __tsan_create_fiber(flags: c_uint) -> *mut c_void;
        fn __tsan_destroy_fiber(fiber: *mut c_void);
        fn __tsan_switch_to_fiber(fiber: *mut c_void, flags: c_uint);
    }

    /// A stack, as ThreadSanitizer knows it.
    pub(crate) struct Fiber(*mut c_void);

    impl Fiber {
        pub fn new() -> Self {
            // SAFETY: the runtime is linked: the build says so.
            Fiber(unsafe { __tsan_create_fiber(0) })
        }

        /// Does what switches to this stack and comes back from it.
        pub fn during<R>(&self, switch: impl FnOnce() -> R) -> R {
            // SAFETY: the fiber is ours until it is dropped, and the caller's is there when we come back.
            let caller = unsafe {
                let caller = __tsan_get_current_fiber();
                __tsan_switch_to_fiber(self.0, 0);
                caller
            };
            let result = switch();
            // SAFETY: as above.
            unsafe { __tsan_switch_to_fiber(caller, 0) };
            result
        }
    }

    impl Drop for Fiber {
        fn drop(&mut self) {
            // SAFETY: whoever drops it runs on another one.
            unsafe { __tsan_destroy_fiber(self.0) };
        }
    }
}

#[cfg(not(gorace_tsan))]
mod told {
    /// Nothing.
    pub(crate) struct Fiber;

    impl Fiber {
        #[inline(always)]
        pub fn new() -> Self {
            Fiber
        }

        /// Switches.
        #[inline(always)]
        pub fn during<R>(&self, switch: impl FnOnce() -> R) -> R {
            switch()
        }
    }
}

pub(crate) use told::Fiber;
