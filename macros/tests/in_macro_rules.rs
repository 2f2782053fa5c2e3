//! The attributes on functions of which a `macro_rules` macro was given the parts.

/// Something to explore.
fn joined() -> Result<(), String> {
    gorace::go!({}).join().map_err(|_| "the task panicked".to_owned())
}

macro_rules! test {
    (
        $(#[$attribute:meta])* $visibility:vis, $name:ident, $output:ty, $body:block,
        $seed:expr, $spurious:literal, $strategy:literal, $finding:literal
    ) => {
        #[gorace::checked_test(seed = $seed, spurious = $spurious, strategy = $strategy, allow = [$finding])]
        $(#[$attribute])*
        $visibility fn $name() -> $output $body
    };
}

test!(, private, (), { joined().unwrap() }, 7, true, "random", "leak");

mod inner {
    use super::joined;

    test!(pub(super), seen_outside, Result<(), String>, { joined() }, 0xff, false, r"exhaustive", "GR0004");
}

test! {
    /// The attributes stay.
    #[should_panic(expected = "found")]
    #[allow(non_snake_case)]
    pub, THAT_PANICS, (), { panic!("found") }, 1, false, "exhaustive", "leak"
}

macro_rules! item {
    ($item:item) => {
        #[gorace::checked_test]
        $item
    };
}

item! {
    /// A whole function.
    #[should_panic(expected = "found")]
    pub(crate) async fn whole() -> Result<(), &'static str> {
        Err("found")
    }
}
