#[gorace::checked_test((seed = 1), 7, "auto", [x], allow = ["leak" "panic"], crate = "a b", seed == 3)]
fn test() {}

fn main() {}
