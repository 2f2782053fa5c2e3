#[gorace::checked_test]
fn test<T>() {}

fn main() {}
