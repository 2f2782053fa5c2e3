//! Runs the same assertions on std itself, on gorace outside of an execution, and in every interleaving of one.

/// `use`s `collections`, `sync`, `thread`, `time` and `thread_local!` of each world in turn. Quotations in the tests are std's own
/// documentation.
#[macro_export]
macro_rules! three_ways {
    ($($(#[$meta:meta])* fn $name:ident() $body:block)*) => {
        mod on_std {
            #[allow(unused_imports)]
            use {super::*, ::std::{collections, sync, thread, thread_local, time}};
            $($(#[$meta])* #[test] fn $name() $body)*
        }
        mod outside {
            #[allow(unused_imports)]
            use {super::*, ::gorace::{collections, sync, thread, thread_local, time}};
            $($(#[$meta])* #[test] fn $name() $body)*
        }
        mod inside {
            #[allow(unused_imports)]
            use {super::*, ::gorace::{collections, sync, thread, thread_local, time}};
            $($(#[$meta])* #[test] fn $name() {
                let outcome = ::gorace::Checker::new().max_executions(50_000).run(|| $body);
                outcome.assert_clean();
                assert_eq!(outcome.verdict, ::gorace::check::Verdict::Verified, "{outcome:?}");
            })*
        }
    };
}
