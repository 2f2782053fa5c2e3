//! Runs the same assertions outside of an execution, between OS threads, and in every interleaving of one; and
//! collects the ends of a program.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

/// A test for each world. Quotations in the tests are Go's own documentation.
#[macro_export]
macro_rules! both_worlds {
    ($($(#[$meta:meta])* fn $name:ident() $body:block)*) => {
        mod outside {
            #[allow(unused_imports)]
            use super::*;
            $($(#[$meta])* #[test] fn $name() $body)*
        }
        mod inside {
            #[allow(unused_imports)]
            use super::*;
            $($(#[$meta])* #[test] fn $name() {
                let outcome = ::gorace::Checker::new().max_executions(50_000).run(|| $body);
                outcome.assert_clean();
                assert_eq!(outcome.verdict, ::gorace::check::Verdict::Verified, "{outcome:?}");
            })*
        }
    };
}

/// What `f` gives, over all interleavings.
pub fn ends<T: Ord + Send + 'static>(f: impl Fn() -> T + Send + Sync + 'static) -> BTreeSet<T> {
    let ends = Arc::new(Mutex::new(BTreeSet::new()));
    let all = ends.clone();
    let outcome = gorace::Checker::new().max_executions(50_000).run(move || {
        let end = f();
        all.lock().unwrap().insert(end);
    });
    outcome.assert_clean();
    assert_eq!(outcome.verdict, gorace::check::Verdict::Verified, "{outcome:?}");
    drop(outcome);
    std::mem::take(&mut *ends.lock().unwrap())
}
