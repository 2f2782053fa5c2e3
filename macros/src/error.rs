//! What is wrong with what the user wrote: messages, each at the place where the compiler is to show it.

use proc_macro2::{Literal, Span, TokenStream};
use quote::quote_spanned;

/// What was read, or all that is wrong with it.
pub type Result<T> = std::result::Result<T, Error>;

/// One mistake or several.
#[cfg_attr(test, derive(Debug))]
pub struct Error {
    mistakes: Vec<(Span, String)>,
}

impl Error {
    /// One mistake.
    pub fn new(span: Span, message: String) -> Self {
        Error { mistakes: vec![(span, message)] }
    }

    /// Adds the mistakes of `other` behind those that are here.
    pub fn combine(&mut self, mut other: Error) {
        self.mistakes.append(&mut other.mistakes);
    }

    /// Items that do not compile: the compiler shows each message at its place.
    pub fn into_compile_error(self) -> TokenStream {
        let mut items = TokenStream::new();
        for (span, message) in self.mistakes {
            let mut text = Literal::string(&message);
            text.set_span(span);
            items.extend(quote_spanned!(span=> ::core::compile_error! { #text }));
        }
        items
    }

    #[cfg(test)]
    pub fn messages(self) -> Vec<String> {
        self.mistakes.into_iter().map(|(_, message)| message).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_becomes_an_item_of_its_own() {
        let mut error = Error::new(Span::call_site(), "one \"quoted\"".to_owned());
        error.combine(Error::new(Span::call_site(), "two".to_owned()));
        let expected: TokenStream =
            r#"::core::compile_error! { "one \"quoted\"" } ::core::compile_error! { "two" }"#
                .parse()
                .unwrap();
        assert_eq!(error.into_compile_error().to_string(), expected.to_string());
    }
}
