//! The binary `gorace`.

fn main() {
    std::process::exit(gorace_cli::main(std::env::args_os().collect()).code());
}
