//! Runs the same assertions on std itself, on gorace outside of an execution, in every interleaving of one, and in random ones.

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
