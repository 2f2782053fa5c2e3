//! `sleep`.

use std::time::Duration;

/// Waits for so long. Inside an execution time is virtual: nobody waits, but others may run before and after.
///
/// Sleeping is not synchronisation: nothing orders what a sleeper does after what others do meanwhile.
///
/// ```
/// gorace::time::sleep(gorace::time::Duration::from_millis(1));
/// ```
#[track_caller]
#[inline]
pub fn sleep(duration: Duration) {
    #[cfg(feature = "check")]
    if let Some(inside) = crate::inside::context::inside() {
        let sleep = gorace_engine::TimerOp::Sleep { nanos: super::nanos(duration) };
        inside.visit(sleep, gorace_analyzer::Place::here());
        return;
    }
    crate::outside::thread::sleep(duration);
}
