#[gorace::main]
fn main(args: Vec<String>) {}
