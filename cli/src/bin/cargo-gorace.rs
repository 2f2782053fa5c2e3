//! The binary behind `cargo gorace`: cargo passes its subcommand's name as the first argument.

fn main() {
    let mut args: Vec<_> = std::env::args_os().collect();
    if args.get(1).is_some_and(|arg| arg == "gorace") {
        args.remove(1);
    }
    std::process::exit(gorace_cli::main(args).code());
}
