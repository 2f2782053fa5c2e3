//! Asks one tool about one program: `verdict loom ab_ba`.
//!
//! Prints the answer, or fails as the tool does.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let answer = match &arguments[..] {
        [tool, program] => gorace_benches::verdict::ask(tool, program),
        _ => None,
    };
    match answer {
        Some(answer) => {
            println!("{}", answer.write());
            ExitCode::SUCCESS
        }
        None => {
            eprintln!("error: expected a tool (gorace, loom, shuttle) and a program of docs/COMPARISON.md");
            ExitCode::from(2)
        }
    }
}
