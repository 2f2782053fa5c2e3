//! What random programs are about.

/// What a random program is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Theme {
    Registers,
    Locks,
    Condvars,
    Channels,
    Selects,
    /// Selects against attempts, which see more than they wait for.
    Attempts,
    /// Panics under a lock.
    Poison,
    Tasks,
    /// How many tasks there are.
    Counting,
    /// Executions that the program drops.
    Assumptions,
    /// Releases by whoever comes, as Go's mutexes allow.
    Releases,
    InLine,
    RwLocks,
    Onces,
    Barriers,
    WaitGroups,
    Parking,
    /// Futures that are pending, and their wakers.
    Wakers,
    Pipes,
    Time,
    /// Timers that are stopped and started anew, and one that starts a task.
    Timers,
    Contexts,
    /// Selects over channels, a timer and contexts.
    Timeouts,
    /// Words of memory to wait on.
    Words,
    /// Operations of two of those above, so that the two meet.
    Pairs,
    Mixed,
    /// As pairs, with yields between them.
    Yields,
}

impl Theme {
    pub const ALL: [Theme; 27] = [
        Theme::Registers,
        Theme::Locks,
        Theme::Condvars,
        Theme::Channels,
        Theme::Selects,
        Theme::Attempts,
        Theme::Poison,
        Theme::Tasks,
        Theme::Counting,
        Theme::Assumptions,
        Theme::Releases,
        Theme::InLine,
        Theme::RwLocks,
        Theme::Onces,
        Theme::Barriers,
        Theme::WaitGroups,
        Theme::Parking,
        Theme::Wakers,
        Theme::Pipes,
        Theme::Time,
        Theme::Timers,
        Theme::Contexts,
        Theme::Timeouts,
        Theme::Words,
        Theme::Pairs,
        Theme::Mixed,
        Theme::Yields,
    ];

    /// The themes of which others are made.
    pub const SINGLE: usize = Theme::ALL.len() - 3;
}
