#[gorace::checked_test(strategy = "fast", max_executions = -1, timeout = "soon", keep_going = 1)]
fn test() {}

fn main() {}
