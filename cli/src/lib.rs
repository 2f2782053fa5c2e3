//! The command line: builds programs with cargo, passes settings as `GORACE_` variables, reads what the
//! library left in `target/gorace/`, and prints. It judges nothing and words no finding.

#![deny(unsafe_code)]

mod args;
mod bound;
mod cache;
mod cargo;
mod checking;
mod child;
mod command;
mod config;
#[cfg(test)]
mod damage;
mod error;
mod exit;
mod gate;
mod naming;
mod print;
mod progress;
#[cfg(test)]
mod readers;
#[cfg(test)]
mod reference;
mod reports;
mod rounds;
mod settings;
mod setup;
mod shard;
mod started;
mod store;
mod tested;
#[cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
mod zero_change;

pub use exit::Exit;

use clap::Parser as _;
use gorace_analyzer::suggest;
use std::ffi::OsString;

/// Runs the command line; gives how the process should end.
#[must_use]
pub fn main(args: Vec<OsString>) -> Exit {
    #[cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
    if zero_change::wrapper::is_wanted() {
        return zero_change::wrapper::run(&args);
    }
    let parsed = match args::Args::try_parse_from(args) {
        Ok(parsed) => parsed,
        Err(error) => {
            // A closed pipe is no reason to complain about help that nobody reads.
            let _ = error.print();
            return if error.use_stderr() { Exit::BadCommandLine } else { Exit::Clean };
        }
    };
    child::survive_interrupts();
    match command::dispatch(parsed) {
        Ok(exit) => exit,
        // What was being built or started has ended of it, and that is no error of anybody's.
        Err(_) if child::is_interrupted() => {
            eprintln!("gorace: interrupted");
            Exit::Interrupted
        }
        Err(error) => {
            error.print();
            error.exit()
        }
    }
}
