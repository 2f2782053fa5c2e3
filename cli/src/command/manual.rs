//! `gorace completions` and `gorace man`: made from the grammar, so that they say what it says.

use crate::Exit;
use crate::args::{Args, Completions};
use crate::error::{CliError, Outcome};
use crate::print::put;
use clap::CommandFactory as _;

/// Prints a script that completes the command line in a shell.
pub fn completions(args: &Completions) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "gorace", &mut script);
    put(&script);
    Ok(Exit::Clean)
}

/// Prints the manual page, that of each command behind it.
pub fn man() -> Outcome {
    let mut page = Vec::new();
    let mut command = Args::command();
    command.build();
    let commands: Vec<clap::Command> = command.get_subcommands().cloned().collect();
    for part in [command].into_iter().chain(commands) {
        clap_mangen::Man::new(part).render(&mut page).map_err(|error| {
            CliError::new(Exit::Internal, format!("cannot make the manual page: {error}"))
        })?;
    }
    put(&page);
    Ok(Exit::Clean)
}
