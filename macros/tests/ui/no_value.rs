#[gorace::checked_test(seed)]
fn test() {}

fn main() {}
