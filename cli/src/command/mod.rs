//! The commands, one a file.

mod explain;
mod replay;
mod run;
mod stored;
mod test;

use crate::args::{Args, Command};
use crate::error::Outcome;
use crate::settings;
pub use run::progress;

/// Runs a command.
pub fn dispatch(args: Args) -> Outcome {
    match args.command {
        Command::Explain(explain) => explain::explain(&explain),
        Command::List(list) => stored::list(&list),
        Command::Show(show) => stored::show(show),
        Command::Clean(clean) => stored::clean(&clean),
        Command::Run(run) => settings::check_environment().and_then(|()| run::run(run)),
        Command::Test(test) => settings::check_environment().and_then(|()| test::test(test)),
        Command::Replay(replay) => settings::check_environment().and_then(|()| replay::replay(replay)),
    }
}
