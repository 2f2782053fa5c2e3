//! The commands, one a file.

mod ci;
mod closing;
mod config;
mod explain;
mod export;
mod manual;
mod merge;
mod replay;
mod round;
mod run;
mod split;
mod step;
mod stored;
mod test;

use crate::args::{Args, Command};
use crate::error::Outcome;
use crate::settings;
pub use closing::interrupted;
pub use run::tell;

/// Runs a command.
pub fn dispatch(args: Args) -> Outcome {
    match args.command {
        Command::Explain(explain) => explain::explain(&explain),
        Command::List(list) => stored::list(&list),
        Command::Show(show) => stored::show(show),
        Command::Clean(clean) => stored::clean(&clean),
        Command::Export(export) => export::export(&export),
        Command::Completions(completions) => manual::completions(&completions),
        Command::Man => manual::man(),
        Command::Config(config) => settled().and_then(|()| config::config(&config)),
        Command::Ci(ci) => settled().and_then(|()| ci::ci(ci)),
        Command::Split(split) => split::split(&split),
        Command::Merge(merge) => merge::merge(merge),
        Command::Run(run) => settled().and_then(|()| run::run(run)),
        Command::Test(test) => settled().and_then(|()| test::test(test)),
        Command::Replay(replay) => settings::check_environment().and_then(|()| replay::replay(replay)),
    }
}

/// The environment is what it should be; what it says in vain is told.
fn settled() -> Outcome<()> {
    settings::check_environment()?;
    settings::tell_of_unknown();
    Ok(())
}
