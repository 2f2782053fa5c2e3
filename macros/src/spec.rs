//! The `TestSpec` value that the library gets: who the test is, and its options.

use crate::options::Options;
use crate::signature::Function;
use proc_macro2::TokenStream;
use quote::quote;

/// An expression of the library's type `TestSpec`.
pub fn spec(options: &Options, function: &Function) -> TokenStream {
    let krate = options.krate();
    let name = function.plain_name();
    let package = cargo_variable("CARGO_PKG_NAME");
    let manifest_dir = cargo_variable("CARGO_MANIFEST_DIR");
    let Options { keep_going, spurious, allow, .. } = options;
    let strategy = option(options.strategy.as_ref());
    let max_executions = option(options.max_executions);
    let max_preemptions = option(options.max_preemptions);
    let max_steps = option(options.max_steps);
    let timeout = option(options.timeout.as_ref());
    let jobs = option(options.jobs);
    let seed = option(options.seed);
    let clock = option(options.clock.as_ref());
    let expect = option(options.expect);
    quote! {
        #krate::__private::TestSpec {
            package: #package,
            manifest_dir: #manifest_dir,
            module: ::core::module_path!(),
            name: #name,
            strategy: #strategy,
            max_executions: #max_executions,
            max_preemptions: #max_preemptions,
            max_steps: #max_steps,
            timeout: #timeout,
            jobs: #jobs,
            seed: #seed,
            clock: #clock,
            keep_going: #keep_going,
            spurious: #spurious,
            expect: #expect,
            allow: &[#(#allow),*],
        }
    }
}

/// The variable's value while the user's crate is compiled; empty if not cargo compiles it.
fn cargo_variable(name: &str) -> TokenStream {
    quote! {
        match ::core::option_env!(#name) {
            ::core::option::Option::Some(value) => value,
            ::core::option::Option::None => "",
        }
    }
}

fn option<T: quote::ToTokens>(value: Option<T>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}

/// Refuses to compile with `panic = "abort"`, under which the first finding would end the process.
pub fn refuse_panic_abort() -> TokenStream {
    let text = "gorace ends a task that has a finding by unwinding it, which `panic = \"abort\"` forbids: \
                set `panic = \"unwind\"` in this profile, or build without gorace's feature `check`";
    quote! {
        #[cfg(panic = "abort")]
        ::core::compile_error!(#text);
    }
}
