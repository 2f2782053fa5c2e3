#[gorace::checked_test(expect = "datarace")]
fn test() {}

fn main() {}
