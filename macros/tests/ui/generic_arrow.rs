#[gorace::checked_test]
fn test<'a, F: Fn() -> &'a str>() {}

fn main() {}
