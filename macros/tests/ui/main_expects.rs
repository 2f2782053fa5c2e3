#[gorace::main(expect = "deadlock")]
fn main() {}
