//! `#[main]`: a program that runs once by itself and is explored by `gorace run`.
//!
//! Which of the two it does, the library decides when the program starts.

use crate::error::{Error, Result};
use crate::options::{Attribute, Options};
use crate::signature::Function;
use crate::spec::{refuse_panic_abort, spec};
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

const NAME: &str = "#[gorace::main]";

/// Whether the library was built with its feature `check`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Build {
    WithCheck,
    WithoutCheck,
}

/// The program, or the errors beside an empty `main`, so that the compiler does not miss one too.
pub fn expand(options: TokenStream, item: TokenStream, build: Build) -> TokenStream {
    let function = match Function::parse(NAME, item) {
        Ok(function) => function,
        Err(error) => return error.into_compile_error(),
    };
    try_expand(options, &function, build).unwrap_or_else(|errors| {
        let errors = errors.into_compile_error();
        let placeholder = (function.name == "main").then(|| {
            quote!(
                fn main() {}
            )
        });
        quote!(#errors #placeholder)
    })
}

fn try_expand(options: TokenStream, function: &Function, build: Build) -> Result<TokenStream> {
    let options = Options::parse(Attribute::Main, options)?;
    let Function { attributes, visibility, name, output, where_clause, .. } = function;
    if name != "main" {
        return Err(Error::new(name.span(), format!("`{NAME}` goes on `fn main`; found `fn {name}`")));
    }
    if let Some(word) = &function.asyncness {
        let text =
            format!("`{NAME}` takes no async function; write `fn main()` and block on the future inside it");
        return Err(Error::new(word.span(), text));
    }
    function.check_callable("`main`", "read them with `std::env::args()`")?;

    let attributes = attributes.iter().map(|a| &a.tokens);
    let krate = options.krate();
    let spec = spec(&options, function);
    let refuse = (build == Build::WithCheck).then(refuse_panic_abort);
    let body = function.inner();
    let arrow = (!output.is_empty()).then(|| quote!(->));
    // At the return type, so that one the library does not take is shown there.
    let call = quote_spanned!(function.output_span()=> #krate::__private::run_main(#spec, #name));
    Ok(quote! {
        #(#attributes)*
        #visibility fn #name() #arrow #output #where_clause {
            #refuse
            #body
            #call
        }
    })
}
