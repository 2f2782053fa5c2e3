//! What the attributes say to whoever writes them wrongly. `just bless` accepts a change; look at it before.

#[test]
fn mistakes_are_told_where_they_are() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
