//! A function, taken apart only as far as the attributes need it.
//!
//! The compiler has parsed the item before an attribute sees it, so nothing here is said twice: types and
//! statements are passed on as they are.

use crate::cursor::Cursor;
use crate::error::{Error, Result};
use crate::literal;
use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::{TokenStreamExt, quote};

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
    /// The word `async`.
    pub asyncness: Option<Ident>,
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
        parse_function(attribute, Cursor::new(item))
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

fn parse_function(attribute: &str, mut input: Cursor) -> Result<Function> {
    let attributes = parse_attributes(&mut input)?;
    let visibility = parse_visibility(&mut input);
    let not_a_function = input.error(format!("`{attribute}` goes on a function"));
    let mut asyncness = None;
    let mut qualifiers = Vec::new();
    while input.keyword("fn").is_none() {
        if let Some(word) = input.keyword("async") {
            asyncness = Some(word);
        } else if let Some(qualifier) = parse_qualifier(&mut input) {
            qualifiers.push(qualifier);
        } else {
            return Err(not_a_function);
        }
    }
    let Some(name) = input.ident() else { return Err(input.error("expected identifier".to_owned())) };
    let (generics, type_parameter) = parse_generics(&mut input)?;
    let parameters = input.group(Delimiter::Parenthesis, "parentheses")?.stream();
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

fn parse_attributes(input: &mut Cursor) -> Result<Vec<OtherAttribute>> {
    let mut attributes = Vec::new();
    while let Some(hash) = input.punct('#') {
        let brackets = input.group(Delimiter::Bracket, "square brackets")?;
        let inside = brackets.stream();
        let span = inside.clone().into_iter().next().map_or(hash.span(), |first| first.span());
        let mut tokens = TokenStream::from(hash);
        tokens.append(brackets);
        attributes.push(OtherAttribute { tokens, path: path_words(inside), span });
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

fn parse_visibility(input: &mut Cursor) -> TokenStream {
    let mut visibility = TokenStream::new();
    if let Some(from_a_macro) = input.invisible_group() {
        visibility.append(from_a_macro);
    } else if let Some(word) = input.keyword("pub") {
        visibility.append(word);
        if let Ok(place) = input.group(Delimiter::Parenthesis, "parentheses") {
            visibility.append(place);
        }
    }
    visibility
}

/// `const`, `unsafe` or `extern` with its ABI.
fn parse_qualifier(input: &mut Cursor) -> Option<Qualifier> {
    for word in ["const", "unsafe", "extern"] {
        if let Some(found) = input.keyword(word) {
            if word == "extern" && input.first().is_some_and(|token| literal::text(&token).is_some()) {
                input.token();
            }
            return Some(Qualifier { word, span: found.span() });
        }
    }
    None
}

/// `<..>` and the place of the first parameter in it that is no lifetime.
fn parse_generics(input: &mut Cursor) -> Result<(TokenStream, Option<Span>)> {
    let mut generics = TokenStream::new();
    let mut type_parameter = None;
    let (mut depth, mut before) = (0, ' ');
    while depth > 0 || (generics.is_empty() && input.at_punct('<')) {
        let Some(tree) = input.tree() else { return Err(input.error("expected token tree".to_owned())) };
        let sign = if let TokenTree::Punct(p) = &tree { p.as_char() } else { ' ' };
        match sign {
            '<' => depth += 1,
            // That of an arrow closes nothing.
            '>' if before != '-' => depth -= 1,
            ' ' if before != '\'' && type_parameter.is_none() && matches!(tree, TokenTree::Ident(_)) => {
                type_parameter = Some(tree.span());
            }
            _ => {}
        }
        before = sign;
        generics.append(tree);
    }
    Ok((generics, type_parameter))
}

/// Return type, `where` clause and body: the body is the last token, whatever braces stand before it.
fn parse_tail(mut input: Cursor, name: &Ident) -> Result<(TokenStream, TokenStream, TokenTree)> {
    if input.punct('-').is_some() {
        input.punct('>');
    }
    let mut trees = input.into_trees();
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
    use proc_macro2::Group;

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
        error.messages().concat()
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

    /// `text`, `@` standing for invisible brackets as a `macro_rules` macro leaves them.
    fn from_a_macro(text: &str) -> TokenStream {
        let mut tokens = TokenStream::new();
        for (i, part) in text.split('@').enumerate() {
            let part: TokenStream = part.parse().unwrap();
            match i % 2 {
                0 => tokens.extend(part),
                _ => tokens.append(Group::new(Delimiter::None, part)),
            }
        }
        tokens
    }

    #[test]
    fn parts_may_come_from_a_macro() {
        let f =
            Function::parse("", from_a_macro("#[x] @pub(crate)@ async fn @f@() -> @Vec<u8>@ @{ }@")).unwrap();
        assert_eq!(f.attributes.len(), 1);
        assert!(matches!(f.visibility.clone().into_iter().next(), Some(TokenTree::Group(_))));
        assert!(f.asyncness.is_some() && f.qualifiers.is_empty());
        assert_eq!((f.name.to_string().as_str(), f.output.is_empty()), ("f", false));
        f.check_callable("it", "help").unwrap();

        let empty = Function::parse("", from_a_macro("@@ fn f() @{ }@")).unwrap();
        assert_eq!(empty.visibility.to_string(), "");

        let whole = Function::parse("", from_a_macro("@#[x] pub fn f<'a>() where u8: Copy { }@")).unwrap();
        assert_eq!((whole.attributes.len(), whole.visibility.to_string().as_str()), (1, "pub"));
        assert_eq!(whole.where_clause.to_string(), "where u8 : Copy");
    }

    #[test]
    fn visibility_ends_where_the_compiler_ends_it() {
        for visibility in ["", "pub", "pub (crate)", "pub (self)", "pub (in a :: b)"] {
            let f = parse(&format!("{visibility} fn f() {{}}"));
            let expected: TokenStream = visibility.parse().unwrap();
            assert_eq!(f.visibility.to_string(), expected.to_string());
            assert_eq!(f.name, "f");
        }
    }

    #[test]
    fn an_arrow_ends_no_generics() {
        let item = "fn f<'a, F: Fn() -> u8, const N: u8>(f: F) -> u8 where F: Fn() -> u8 { 3 }";
        let f = parse(item);
        let expected: TokenStream = "<'a, F: Fn() -> u8, const N: u8>".parse().unwrap();
        assert_eq!(f.generics.to_string(), expected.to_string());
        assert_eq!((f.parameters.to_string().as_str(), f.output.to_string().as_str()), ("f : F", "u8"));
        assert!(error(item).starts_with("it cannot have type or const parameters"));
    }

    #[test]
    fn lifetimes_are_no_type_parameters() {
        assert!(parse("fn f<>() {}").type_parameter.is_none());
        assert!(parse("fn f<'a, 'b: 'a>() -> &'a str where 'b: 'a { \"\" }").type_parameter.is_none());
        assert!(parse("fn f<'a, T: 'a>() {}").type_parameter.is_some());
        assert!(parse("fn f<const N: usize>() {}").type_parameter.is_some());
    }

    #[test]
    fn the_words_before_fn_come_in_any_number() {
        let f = parse("const async unsafe extern r\"C\" fn f() {}");
        assert!(f.asyncness.is_some());
        let words: Vec<&str> = f.qualifiers.iter().map(|q| q.word).collect();
        assert_eq!(words, ["const", "unsafe", "extern"]);
        assert_eq!(error("extern fn f() {}"), "it cannot be `extern`; remove the word");
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

    #[test]
    fn words_that_only_look_like_a_function_are_none() {
        for item in [
            "r#fn f() {}",
            "extern b\"C\" fn f() {}",
            "extern \"C\" { fn f(); }",
            "extern crate a;",
            "const fn: u8 = 3;",
        ] {
            assert!(Function::parse("#[checked_test]", item.parse().unwrap()).is_err(), "{item}");
        }
        assert_eq!(error("#![inner] fn f() {}"), "expected square brackets");
        assert_eq!(error("fn f"), "unexpected end of input, expected parentheses");
        assert_eq!(error("pub"), "unexpected end of input, `#[checked_test]` goes on a function");
    }
}
