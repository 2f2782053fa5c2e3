#[gorace::checked_test(seed = 1, seed = 2)]
fn test() {}

fn main() {}
