//! `#[checked_test]`: a `#[test]` that hands the user's function to the library.
//!
//! The user's function becomes one of the **same name** inside the test: a closure breaks on `async` and on `?`
//! in a function that returns `Result`, and any other name could hide a function that the test calls.

use crate::error::{Error, Result};
use crate::options::{Attribute, Options};
use crate::signature::{Function, OtherAttribute};
use crate::spec::{refuse_panic_abort, spec};
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

const NAME: &str = "#[gorace::checked_test]";

/// The test, or the errors.
pub fn expand(options: TokenStream, item: TokenStream) -> TokenStream {
    try_expand(options, item).unwrap_or_else(|errors| errors.into_compile_error())
}

fn try_expand(options: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let function = Function::parse(NAME, item)?;
    let parsed = Options::parse(Attribute::CheckedTest, options.clone())?;
    if function.attributes.iter().any(|a| a.last() == "rstest") {
        return Ok(below_rstest(&options, &function, &parsed.krate()));
    }
    let attributes = other_attributes(&function)?;
    let help = "with rstest, write `#[rstest]` on this function too; with another crate for cases, write its \
                attributes above this one";
    function.check_callable("a checked test", help)?;

    let Function { visibility, name, .. } = &function;
    let krate = parsed.krate();
    let spec = spec(&parsed, &function);
    let refuse = refuse_panic_abort();
    let body = function.inner();
    let run = if function.asyncness.is_some() { quote!(run_async_test) } else { quote!(run_test) };
    // At the return type, so that one the library does not take is shown there.
    let call = quote_spanned!(function.output_span()=> #krate::__private::#run(#spec, #name););
    Ok(quote! {
        #[::core::prelude::v1::test]
        #(#attributes)*
        #visibility fn #name() {
            #refuse
            #body
            #call
        }
    })
}

/// The item again with this attribute below `#[rstest]`, which copies it onto each case it makes.
fn below_rstest(options: &TokenStream, function: &Function, krate: &TokenStream) -> TokenStream {
    let attributes = function.attributes.iter().filter(|a| !a.is_plain_test()).map(|a| &a.tokens);
    let this = quote!(#krate::checked_test(#options));
    // rstest takes an async function only with the test attribute named so.
    let this = if function.asyncness.is_some() { quote!(#[test_attr(#this)]) } else { quote!(#[#this]) };
    function.with_attributes(&quote!(#(#attributes)* #this))
}

/// The attributes below ours without `#[test]`; one that registers the test with another runner is an error.
fn other_attributes(function: &Function) -> Result<Vec<&TokenStream>> {
    let mut kept = Vec::new();
    for attribute in &function.attributes {
        let path = attribute.path.join("::");
        if attribute.is_plain_test() {
            continue;
        }
        if ["test", "checked_test"].contains(&attribute.last()) {
            let text =
                format!("`#[{path}]` would register this test a second time; remove it, `{NAME}` is enough");
            return Err(Error::new(attribute.span, text));
        }
        kept.push(&attribute.tokens);
    }
    Ok(kept)
}

impl OtherAttribute {
    fn last(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }

    /// The standard library's `#[test]`, by its usual name or its path.
    fn is_plain_test(&self) -> bool {
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        matches!(path[..], ["test"] | ["core" | "std", "prelude", _, "test"])
    }
}

/// The error of a build without the feature `check`.
pub fn refuse_without_check(item: TokenStream) -> TokenStream {
    if let Err(not_a_function) = Function::parse(NAME, item) {
        return not_a_function.into_compile_error();
    }
    let version = concat!(env!("CARGO_PKG_VERSION_MAJOR"), ".", env!("CARGO_PKG_VERSION_MINOR"));
    let text = format!(
        "`{NAME}` needs gorace's feature `check`; put these lines in Cargo.toml:\n\n\
         [dev-dependencies]\n\
         gorace = {{ version = \"{version}\", features = [\"check\"] }}\n"
    );
    Error::new(Span::call_site(), text).into_compile_error()
}
