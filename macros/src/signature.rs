//! A function, taken apart only as far as the attributes need it.
//!
//! Written against syn's token streams: its own parser of items would more than double the time this crate takes
//! to compile, and the types and statements inside the function are passed on as they are.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::quote;
use syn::parse::{ParseStream, Parser};
use syn::{Error, Ident, Result, Token, bracketed, parenthesized, token};

/// An attribute that stands below ours.
pub struct OtherAttribute {
    /// All of it, `#` and brackets included.
    pub tokens: TokenStream,
    /// The words of its path.
    pub path: Vec<String>,
    /// Where the path begins.
    pub span: Span,
}

/// A word before `fn`: `const`, `unsafe`, `extern`.
pub struct Qualifier {
    pub word: &'static str,
    pub span: Span,
}

/// A free function with a body.
pub struct Function {
    pub attributes: Vec<OtherAttribute>,
    pub visibility: TokenStream,
    pub asyncness: Option<Token![async]>,
    /// Those that change how the function may be called; `async` is not among them.
    pub qualifiers: Vec<Qualifier>,
    pub name: Ident,
    /// With the angle brackets; empty if there are none.
    pub generics: TokenStream,
    /// The first type or const parameter's place.
    pub type_parameter: Option<Span>,
    pub parameters: TokenStream,
    /// Without the arrow; empty if there is none.
    pub output: TokenStream,
    pub where_clause: TokenStream,
    pub body: TokenTree,
}

impl Function {
    /// Reads an item; `attribute` is named in the error if it is no function.
    pub fn parse(attribute: &str, item: TokenStream) -> Result<Self> {
        (|input: ParseStream<'_>| parse_function(attribute, input)).parse2(item)
    }

    /// The name without `r#`.
    pub fn plain_name(&self) -> String {
        let name = self.name.to_string();
        name.strip_prefix("r#").map_or(name.clone(), str::to_owned)
    }

    /// The function without the attributes and the visibility, to stand in another.
    pub fn inner(&self) -> TokenStream {
        let Function { asyncness, name, generics, parameters, output, where_clause, body, .. } = self;
        let arrow = (!output.is_empty()).then(|| quote!(->));
        quote!(#asyncness fn #name #generics (#parameters) #arrow #output #where_clause #body)
    }

    /// The whole item, its attributes replaced by `attributes`.
    pub fn with_attributes(&self, attributes: &TokenStream) -> TokenStream {
        let visibility = &self.visibility;
        let inner = self.inner();
        quote!(#attributes #visibility #inner)
    }

    /// What an attribute that calls the function without arguments cannot take; `what` is "a checked test", ..
    pub fn check_callable(&self, what: &str, parameters_help: &str) -> Result<()> {
        if let Some(Qualifier { word, span }) = self.qualifiers.first() {
            return Err(Error::new(*span, format!("{what} cannot be `{word}`; remove the word")));
        }
        if let Some(span) = self.type_parameter {
            let text =
                format!("{what} cannot have type or const parameters: nothing would say what they are");
            return Err(Error::new(span, text));
        }
        if !self.parameters.is_empty() {
            let text = format!("{what} cannot have parameters; {parameters_help}");
            return Err(Error::new(extent(&self.parameters), text));
        }
        Ok(())
    }

    /// Where the return type stands, else the name.
    pub fn output_span(&self) -> Span {
        if self.output.is_empty() { self.name.span() } else { extent(&self.output) }
    }
}

/// From the first token to the last where the compiler can join places, else the first.
pub fn extent(tokens: &TokenStream) -> Span {
    let mut spans = tokens.clone().into_iter().map(|t| t.span());
    let first = spans.next().unwrap_or_else(Span::call_site);
    spans.last().and_then(|last| first.join(last)).unwrap_or(first)
}

fn parse_function(attribute: &str, input: ParseStream<'_>) -> Result<Function> {
    let attributes = parse_attributes(input)?;
    let visibility = parse_visibility(input)?;
    let not_a_function = input.error(format!("`{attribute}` goes on a function"));
    let mut asyncness = None;
    let mut qualifiers = Vec::new();
    while !input.peek(Token![fn]) {
        if input.peek(Token![async]) {
            asyncness = Some(input.parse()?);
        } else if input.peek(Token![const]) && !input.peek2(Ident) && !input.peek2(Token![_]) {
            qualifiers.push(Qualifier { word: "const", span: input.parse::<Token![const]>()?.span });
        } else if input.peek(Token![unsafe]) {
            qualifiers.push(Qualifier { word: "unsafe", span: input.parse::<Token![unsafe]>()?.span });
        } else if input.peek(Token![extern]) {
            qualifiers.push(Qualifier { word: "extern", span: input.parse::<Token![extern]>()?.span });
            input.parse::<Option<syn::LitStr>>()?;
        } else {
            return Err(not_a_function);
        }
    }
    input.parse::<Token![fn]>()?;
    let name = input.parse()?;
    let (generics, type_parameter) = parse_generics(input)?;
    let parameters;
    parenthesized!(parameters in input);
    let parameters = parameters.parse()?;
    input.parse::<Option<Token![->]>>()?;
    let (output, where_clause, body) = parse_tail(input, &name)?;
    Ok(Function {
        attributes,
        visibility,
        asyncness,
        qualifiers,
        name,
        generics,
        type_parameter,
        parameters,
        output,
        where_clause,
        body,
    })
}

fn parse_attributes(input: ParseStream<'_>) -> Result<Vec<OtherAttribute>> {
    let mut attributes = Vec::new();
    while input.peek(Token![#]) {
        let hash: Token![#] = input.parse()?;
        let content;
        let bracket = bracketed!(content in input);
        let inside: TokenStream = content.parse()?;
        let mut group = Group::new(Delimiter::Bracket, inside.clone());
        group.set_span(bracket.span.join());
        let mut tokens = quote!(#hash);
        tokens.extend([TokenTree::Group(group)]);
        let path = path_words(inside.clone());
        let span = inside.into_iter().next().map_or(hash.span, |first| first.span());
        attributes.push(OtherAttribute { tokens, path, span });
    }
    Ok(attributes)
}

/// The identifiers up to the first token that belongs to no path.
fn path_words(inside: TokenStream) -> Vec<String> {
    inside
        .into_iter()
        .take_while(|t| {
            matches!(t, TokenTree::Ident(_)) || matches!(t, TokenTree::Punct(p) if p.as_char() == ':')
        })
        .filter_map(|t| if let TokenTree::Ident(word) = t { Some(word.to_string()) } else { None })
        .collect()
}

fn parse_visibility(input: ParseStream<'_>) -> Result<TokenStream> {
    let mut visibility = TokenStream::new();
    let from_a_macro = |t: TokenTree| matches!(&t, TokenTree::Group(g) if g.delimiter() == Delimiter::None);
    if input.fork().parse().is_ok_and(from_a_macro) {
        visibility.extend([input.parse::<TokenTree>()?]);
    } else if input.peek(Token![pub]) {
        visibility.extend([input.parse::<TokenTree>()?]);
        if input.peek(token::Paren) {
            visibility.extend([input.parse::<TokenTree>()?]);
        }
    }
    Ok(visibility)
}

/// `<..>` and the place of the first parameter in it that is no lifetime.
fn parse_generics(input: ParseStream<'_>) -> Result<(TokenStream, Option<Span>)> {
    let mut generics = TokenStream::new();
    let mut type_parameter = None;
    let (mut depth, mut after_quote) = (0, false);
    while depth > 0 || (generics.is_empty() && input.peek(Token![<])) {
        let tree: TokenTree = input.parse()?;
        match &tree {
            TokenTree::Punct(p) if p.as_char() == '<' => depth += 1,
            TokenTree::Punct(p) if p.as_char() == '>' => depth -= 1,
            TokenTree::Ident(_) if !after_quote && type_parameter.is_none() => {
                type_parameter = Some(tree.span())
            }
            _ => {}
        }
        after_quote = matches!(&tree, TokenTree::Punct(p) if p.as_char() == '\'');
        generics.extend([tree]);
    }
    Ok((generics, type_parameter))
}

/// Return type, `where` clause and body: the body is the last token, whatever braces stand before it.
fn parse_tail(input: ParseStream<'_>, name: &Ident) -> Result<(TokenStream, TokenStream, TokenTree)> {
    let mut trees: Vec<TokenTree> = input.parse::<TokenStream>()?.into_iter().collect();
    let is_body = |t: &TokenTree| matches!(t, TokenTree::Group(g) if matches!(g.delimiter(), Delimiter::Brace | Delimiter::None));
    let Some(body) = trees.pop().filter(is_body) else {
        return Err(Error::new(name.span(), format!("`{name}` needs a body")));
    };
    let output_end = trees.iter().position(|t| matches!(t, TokenTree::Ident(w) if w == "where"));
    let where_clause = trees.split_off(output_end.unwrap_or(trees.len()));
    Ok((trees.into_iter().collect(), where_clause.into_iter().collect(), body))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Function {
        Function::parse("#[checked_test]", text.parse().unwrap()).unwrap()
    }

    fn error(text: &str) -> String {
        let item = text.parse().unwrap();
        let Err(error) =
            Function::parse("#[checked_test]", item).and_then(|f| f.check_callable("it", "help"))
        else {
            panic!("accepted: {text}");
        };
        error.to_string()
    }

    #[test]
    fn a_function_is_given_back_whole() {
        for text in [
            "fn f () { }",
            "pub (crate) async fn f () -> Result < () , [u8 ; { 3 }] > { Ok (()) }",
            "pub fn r#f < 'a > () -> impl Fn () -> u8 + 'a where u8 : Copy { || 3 }",
        ] {
            let expected: TokenStream = text.parse().unwrap();
            assert_eq!(parse(text).with_attributes(&TokenStream::new()).to_string(), expected.to_string());
        }
    }

    #[test]
    fn parts_are_told_apart() {
        let f =
            parse("/// Doc.\n#[a::b(c = 1)] #[ignore = \"x\"] async fn r#f() -> Vec<u8> where u8: Copy {}");
        let paths: Vec<String> = f.attributes.iter().map(|a| a.path.join("::")).collect();
        assert_eq!(paths, ["doc", "a::b", "ignore"]);
        assert!(f.asyncness.is_some() && f.type_parameter.is_none());
        assert_eq!(f.output.to_string(), "Vec < u8 >");
        assert_eq!(f.where_clause.to_string(), "where u8 : Copy");
        assert_eq!(f.plain_name(), "f");
    }

    #[test]
    fn what_cannot_be_called_is_refused() {
        assert_eq!(error("unsafe fn f() {}"), "it cannot be `unsafe`; remove the word");
        assert_eq!(error("extern \"C\" fn f() {}"), "it cannot be `extern`; remove the word");
        assert_eq!(error("const fn f() {}"), "it cannot be `const`; remove the word");
        assert!(error("fn f<'a, T>() {}").starts_with("it cannot have type or const parameters"));
        assert_eq!(error("fn f(x: u8) {}"), "it cannot have parameters; help");
        assert_eq!(error("fn f(&self) {}"), "it cannot have parameters; help");
        assert_eq!(error("fn f();"), "`f` needs a body");
        for item in ["struct S;", "const X: u8 = 3;", "mod m {}", "static S: u8 = 3;", "pub use a::b;"] {
            assert_eq!(error(item), "`#[checked_test]` goes on a function", "{item}");
        }
    }
}
