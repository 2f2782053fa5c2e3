#[gorace::checked_test(max_execution = 3)]
fn test() {}

fn main() {}
