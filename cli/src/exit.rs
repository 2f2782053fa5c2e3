//! How the process ends.

/// The exit codes, each with its meaning.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    /// It ran, and there is no new finding.
    Clean,
    /// Bad command line.
    BadCommandLine,
    /// Nothing matched, or nothing was explored: never a silent pass.
    Nothing,
    /// A replay does not fit the program any more, or the program is nondeterministic.
    Diverged,
    /// At least one finding, of any kind.
    Found,
    /// An internal error.
    Internal,
    /// A budget ended the exploration before it was complete, and that was required.
    Incomplete,
    /// Bad configuration: an environment variable, a file, a folder that cannot be written.
    BadConfiguration,
    /// A test failed in a way that is no finding.
    TestFailed,
    /// The build failed.
    BuildFailed,
    /// Interrupted; findings so far are kept.
    Interrupted,
}

impl Exit {
    /// The number that the process ends with.
    #[must_use]
    pub fn code(self) -> i32 {
        match self {
            Exit::Clean => 0,
            Exit::BadCommandLine => 2,
            Exit::Nothing => 4,
            Exit::Diverged => 65,
            Exit::Found => 66,
            Exit::Internal => 70,
            Exit::Incomplete => 75,
            Exit::BadConfiguration => 78,
            Exit::TestFailed => 100,
            Exit::BuildFailed => 101,
            Exit::Interrupted => 130,
        }
    }
}
