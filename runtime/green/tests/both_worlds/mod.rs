//! Runs the same assertions outside of an execution, between OS threads, in every interleaving of one, and in
//! random ones; and collects the ends of a program.

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
                let body = || $body;
                let outcome = ::gorace::Checker::new().max_executions(50_000).run(body);
                outcome.assert_clean();
                assert_eq!(outcome.verdict, ::gorace::check::Verdict::Verified, "{outcome:?}");
                // What is most common is done in other lines where nothing but random choices is to be considered.
                let random = ::gorace::Checker::new().strategy(::gorace::check::Strategy::Random);
                random.max_executions(30).run(body).assert_clean();
            })*
        }
    };
}

/// What `f` gives, over all interleavings.
#[allow(dead_code, reason = "not every test collects ends")]
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
