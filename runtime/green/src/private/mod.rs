//! What the macros expand to. Not part of the API: it may change in any release.

#[cfg(feature = "check")]
mod explored;
mod spec;

/// Waits for what never comes.
#[track_caller]
pub fn wait_for_ever() -> ! {
    crate::chan::wait_for_ever()
}

pub use crate::chan::{RecvArm, SelectArm, SelectOn, SendArm, sent};
#[cfg(feature = "check")]
pub use explored::{TestReturn, run_async_test, run_main, run_test, run_test_with};
pub use spec::TestSpec;
#[cfg(not(feature = "check"))]
pub use spec::run_main;
