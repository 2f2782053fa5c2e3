//! How the process ends.

use gorace_analyzer::Code;
use gorace_analyzer::record::Misfit;

/// The exit codes; what each means stands in the table below.
#[allow(missing_docs)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    Clean,
    BadCommandLine,
    Nothing,
    Diverged,
    Found,
    Internal,
    Incomplete,
    BadConfiguration,
    TestFailed,
    BuildFailed,
    Interrupted,
}

/// Each with its number and its meaning.
pub const EXITS: [(Exit, i32, &str); 11] = [
    (Exit::Clean, 0, "it ran, and there is no new finding"),
    (Exit::BadCommandLine, 2, "bad command line"),
    (Exit::Nothing, 4, "nothing matched, or nothing was explored: never a silent pass"),
    (
        Exit::Diverged,
        65,
        "a replay or a resume file does not fit the program any more, or the program is nondeterministic",
    ),
    (
        Exit::Found,
        66,
        "at least one new finding of the program's behaviour: any but GR0007 (65) and GR0008 (4)",
    ),
    (Exit::Internal, 70, "an internal error"),
    (Exit::Incomplete, 75, "a budget ended an exploration before it was complete, and that was required"),
    (Exit::BadConfiguration, 78, "bad configuration: a variable, a file, a folder that cannot be written"),
    (Exit::TestFailed, 100, "a test failed in a way that is no finding"),
    (Exit::BuildFailed, 101, "the build failed"),
    (Exit::Interrupted, 130, "interrupted; findings so far are kept, and with `--resume` what is left to do"),
];

impl Exit {
    /// How a run ends that has findings of these kinds: by one of the program's behaviour, if there is one. The others say
    /// that no result can be trusted, or that there is none.
    pub fn of_findings(codes: impl IntoIterator<Item = Code>) -> Option<Self> {
        let exit = |code| match code {
            Code::Nondeterminism => Exit::Diverged,
            Code::NothingExplored => Exit::Nothing,
            _ => Exit::Found,
        };
        let exits: Vec<Exit> = codes.into_iter().map(exit).collect();
        [Exit::Found, Exit::Diverged, Exit::Nothing].into_iter().find(|exit| exits.contains(exit))
    }

    /// How a run ends that is not what was asked for.
    #[must_use]
    pub fn of_misfit(misfit: &Misfit) -> Self {
        if misfit.is_place { Exit::BadConfiguration } else { Exit::Diverged }
    }

    /// The number that the process ends with.
    #[must_use]
    pub fn code(self) -> i32 {
        let own = EXITS.iter().find(|(exit, ..)| *exit == self);
        own.map_or(70, |(_, code, _)| *code)
    }
}

/// All of them, for the help.
pub fn listed() -> String {
    let lines = EXITS.iter().map(|(_, code, meaning)| format!("  {code:>3}  {meaning}\n"));
    format!("Exit codes:\n{}", lines.collect::<String>())
}
