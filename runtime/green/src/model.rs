//! What only models need: inputs that the exploration chooses, and assumptions about them.

/// An input that is explored: every number from 0 to `n - 1` is tried.
///
/// It is a scheduling point as any other operation, and a finding's schedule keeps what was chosen.
///
/// ```
/// # #[cfg(feature = "check")]
/// gorace::check(|| {
///     let tasks: Vec<_> = (0..gorace::any(3)).map(|i| gorace::go!({ i })).collect();
///     let sum: usize = tasks.into_iter().map(|task| task.join().unwrap()).sum();
///     assert!(sum <= 1);
/// });
/// ```
///
/// # Panics
/// If `n` is 0: there is nothing to choose. Outside of an execution: one choice would look like all of them.
#[track_caller]
#[inline]
pub fn any(n: usize) -> usize {
    assert!(n > 0, "gorace::any(0): there is nothing to choose");
    #[cfg(feature = "check")]
    if let Some(inside) = crate::inside::context::inside() {
        let Ok(n) = u32::try_from(n) else { panic!("gorace::any({n}): more than can be explored") };
        let op = gorace_engine::Op::Choose { n };
        return match inside.visit(op, gorace_analyzer::Place::here()) {
            gorace_engine::Reply::Value(chosen) => chosen as usize,
            _ => 0,
        };
    }
    panic!("gorace::any explores every choice, which only a checked test does: call it inside one")
}

/// Goes on only if `condition` holds: an execution in which it does not is dropped, and shows nothing, not
/// even what was found in it before. The other tasks still run to their ends, the calling one is unwound then. Dropped executions count as
#[cfg_attr(feature = "check", doc = "[`redundant`](crate::Outcome::redundant).")]
#[cfg_attr(not(feature = "check"), doc = "redundant.")]
///
/// A check in which every execution was dropped has explored nothing, and says so (GR0008).
///
/// ```
/// # #[cfg(feature = "check")]
/// gorace::check(|| {
///     let (a, b) = (gorace::any(4), gorace::any(4));
///     gorace::assume(a < b);
///     assert!(b > 0);
/// });
/// ```
///
/// # Panics
/// Outside of an execution if `condition` is false: there is nothing else to go on with.
#[track_caller]
#[inline]
pub fn assume(condition: bool) {
    if condition {
        return;
    }
    #[cfg(feature = "check")]
    if let Some(inside) = crate::inside::context::inside() {
        return inside.drop_execution();
    }
    panic!("gorace::assume: the assumption does not hold, and only a checked test can try another execution")
}
