//! The attributes of gorace: `#[checked_test]` and `#[main]`.
//!
//! Use them through the `gorace` crate. Which of the two forms of each attribute it re-exports depends on its
//! feature `check`, because a macro crate cannot see the features of the crate that re-exports it.
//!
//! An attribute only moves the user's function into one of the same name inside it and hands that to the
//! library, with its options checked: nothing here knows how a test is explored. Every user's test build
//! compiles this crate, so it reads tokens by itself: syn would take as long to compile again.

mod checked_test;
mod codes;
mod cursor;
mod error;
mod literal;
mod main_fn;
mod options;
mod signature;
mod spec;
mod suggest;
mod value;

use proc_macro::TokenStream;

/// Makes a function a test that gorace runs under many schedules.
///
/// It goes on a `fn` or an `async fn` without parameters that returns `()` or `Result<(), E>`, in the place of
/// `#[test]`. Every execution calls the function anew. The test fails with a report if any execution has a
/// finding: a data race, a deadlock, a leaked task, a panic or an `Err`.
///
/// `#[ignore]`, `#[should_panic]`, `#[cfg(..)]` and lint attributes work as they do with `#[test]`.
///
/// # Options
///
/// | option | value | meaning |
/// | --- | --- | --- |
/// | `strategy` | `"auto"`, `"exhaustive"`, `"portfolio"`, `"random"`, `"pos"`, `"surw"`, `"urw"`, `"pct"`, `"pct(5)"` | how schedules are chosen: see `gorace::check::Strategy` |
/// | `max_executions` | number from 1 | stop after this many executions |
/// | `max_preemptions` | number from 0 | try no schedule that takes a running task's turn away more often; for the strategies that search, `"auto"` and `"exhaustive"` |
/// | `max_steps` | number from 1 | operations in one execution before it counts as a livelock |
/// | `timeout` | `"500ms"`, `"30s"`, `"2m"` | stop exploring after this long; a bare number is seconds |
/// | `seed` | number from 0 | where random choices start |
/// | `clock` | `"any"`, `"idle"` | when timers fire: at any point, or only when nothing else can run |
/// | `keep_going` | `true`, `false` | look for further findings after the first |
/// | `spurious` | `true`, `false` | let waits wake, and weak compare-exchanges fail, for no reason |
/// | `expect` | a finding: `"deadlock"` or `"GR0002"` | pass only if this is found |
/// | `allow` | a list: `["leak", "GR0004"]` | findings that do not fail the test |
/// | `crate` | a path: `"my_crate::gorace"` | where the library is, if not at `::gorace` |
///
/// # Beside other attributes
///
/// * A `#[test]` below this attribute is dropped: the attribute already registers the test. One **above** it is
///   out of its sight, and the test is then registered and run twice.
/// * With rstest, `#[rstest]` may stand above or below. Write an async case with `#[rstest]` above as
///   `#[test_attr(gorace::checked_test)]`, which is how rstest wants it.
/// * `#[tokio::test]` and its like run the test on a runtime of their own; they are refused.
///
/// # Errors
///
/// An unknown option, a value that its option does not take, a function with parameters or type parameters, and
/// a build with `panic = "abort"` (a finding unwinds its task) do not compile; the message says what to write.
#[proc_macro_attribute]
pub fn checked_test(options: TokenStream, item: TokenStream) -> TokenStream {
    checked_test::expand(options.into(), item.into()).into()
}

/// `#[checked_test]` of a gorace without the feature `check`: an error that shows how to turn it on.
#[proc_macro_attribute]
pub fn checked_test_without_check(_options: TokenStream, item: TokenStream) -> TokenStream {
    checked_test::refuse_without_check(item.into()).into()
}

/// Makes a program one that `gorace run` explores.
///
/// It goes on `fn main()` that returns `()` or a `Result`. By itself the program runs once, as it would without
/// the attribute; under `gorace run` its `main` is run under many schedules.
///
/// Takes the options of `#[checked_test]` but for `expect`.
///
/// # Errors
///
/// An async `main` and one with parameters are refused, and so is a build with `panic = "abort"` (a finding
/// unwinds its task).
#[proc_macro_attribute]
pub fn main(options: TokenStream, item: TokenStream) -> TokenStream {
    main_fn::expand(options.into(), item.into(), main_fn::Build::WithCheck).into()
}

/// `#[main]` of a gorace without the feature `check`: the program runs once, with any panic strategy.
#[proc_macro_attribute]
pub fn main_without_check(options: TokenStream, item: TokenStream) -> TokenStream {
    main_fn::expand(options.into(), item.into(), main_fn::Build::WithoutCheck).into()
}
