#[gorace::checked_test]
unsafe fn unsafe_test() {}

#[gorace::checked_test]
pub const extern "C" fn constant_test() {}

#[gorace::checked_test]
extern "C" fn foreign_test() {}

#[gorace::main]
async fn main() {}
