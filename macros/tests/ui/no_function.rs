#[gorace::checked_test]
struct Test;

fn main() {}
