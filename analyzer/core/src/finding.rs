//! A finding is data, not an error: which bug, in which events of which trace.

use crate::Listed;
use crate::ids::{EventIx, TaskIx};
use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal $word:literal $title:literal,)*) => {
        /// The kinds of findings. `GR0001` and `data_race` both name the first.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// All of them, by number.
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];

            /// `GR0001`
            pub fn code(self) -> &'static str {
                match self { $(Code::$name => $code,)* }
            }

            /// `data_race`: the name that `expect = ".."` and `allow` take beside the code.
            pub fn word(self) -> &'static str {
                match self { $(Code::$name => $word,)* }
            }

            /// `data race`: the name in running text.
            pub fn title(self) -> &'static str {
                match self { $(Code::$name => $title,)* }
            }

            /// Reads a code or a word, in any case, `-` for `_` accepted.
            pub fn parse(text: &str) -> Option<Self> {
                let text = text.trim().to_ascii_lowercase().replace('-', "_");
                Code::ALL.iter().copied().find(|c| c.code().to_ascii_lowercase() == text || c.word() == text)
            }
        }
    };
}

codes!(
    /// Two unordered accesses to checked memory, one of them a write.
    DataRace = "GR0001" "data_race" "data race",
    /// Nobody can ever go on, or some tasks wait for each other.
    Deadlock = "GR0002" "deadlock" "deadlock",
    /// Main has finished and a task is blocked for ever.
    Leak = "GR0003" "leak" "leaked task",
    /// A panic, or an `Err`, under some schedule.
    Panic = "GR0004" "panic" "panic",
    /// An operation that its object forbids: send on a closed channel, ..
    Misuse = "GR0005" "misuse" "misuse",
    /// No progress within the step limit.
    Livelock = "GR0006" "livelock" "livelock",
    /// One schedule, run twice, gave two traces.
    Nondeterminism = "GR0007" "nondeterminism" "uncontrolled nondeterminism",
    /// The test reached no scheduling point.
    NothingExplored = "GR0008" "nothing_explored" "nothing explored",
    /// No scheduling point was reached for a long time.
    Stalled = "GR0009" "stalled" "stalled",
);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Which bug, and the events that show it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FindingKind {
    /// Two conflicting plain accesses that nothing orders; `first` was executed first.
    DataRace {
        /// The earlier access.
        first: EventIx,
        /// The later one.
        second: EventIx,
    },
    /// Main is blocked for ever (`global`), or the tasks of `cycle` wait for each other.
    Deadlock {
        /// Whether main is among those that cannot go on, or is gone without having returned.
        global: bool,
        /// Every task that is blocked, in order.
        blocked: Vec<TaskIx>,
        /// The tasks of one wait-for cycle, each waiting for the next; empty if there is none.
        cycle: Vec<TaskIx>,
    },
    /// `task` is blocked for ever and main has finished.
    Leak {
        /// The leaked task.
        task: TaskIx,
    },
    /// `task` panicked and nobody took the panic, or it overflowed its stack, or main returned an `Err`.
    Panic {
        /// The task.
        task: TaskIx,
    },
    /// `task` did what its object forbids.
    Misuse {
        /// The task.
        task: TaskIx,
        /// In Go's words: `send on closed channel`.
        words: &'static str,
    },
    /// Two operations on one object that must be ordered, and that nothing orders; `first` was executed first.
    Unordered {
        /// The earlier one.
        first: EventIx,
        /// The later one.
        second: EventIx,
        /// In Go's words: `concurrent map writes`.
        words: &'static str,
    },
    /// The step limit was reached; the tasks that were still running.
    Livelock {
        /// Those that could still run.
        running: Vec<TaskIx>,
        /// The limit, in steps.
        max_steps: u64,
    },
    /// The same schedule gave another trace.
    Nondeterminism {
        /// The number of events that were equal.
        step: u32,
        /// What happened there the first time.
        expected: String,
        /// What happened there this time.
        found: String,
        /// What may be the cause, most likely first.
        suspects: Vec<String>,
    },
    /// There was no scheduling point.
    NothingExplored,
}

impl FindingKind {
    /// Its code.
    pub fn code(&self) -> Code {
        match self {
            FindingKind::DataRace { .. } => Code::DataRace,
            FindingKind::Deadlock { .. } => Code::Deadlock,
            FindingKind::Leak { .. } => Code::Leak,
            FindingKind::Panic { .. } => Code::Panic,
            FindingKind::Misuse { .. } | FindingKind::Unordered { .. } => Code::Misuse,
            FindingKind::Livelock { .. } => Code::Livelock,
            FindingKind::Nondeterminism { .. } => Code::Nondeterminism,
            FindingKind::NothingExplored => Code::NothingExplored,
        }
    }
}

/// One finding of one execution.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// Which bug.
    pub kind: FindingKind,
    /// Whether it came after a fatal panic of the same execution, and may be its consequence.
    pub after_panic: bool,
}

/// A 64-bit hash that names a bug: version 1 is FNV-1a over the code and the sorted sites (file, enclosing
/// function, operation, object name). No line, no task, no seed goes in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Fingerprint(pub u64);

impl Fingerprint {
    /// The fingerprint of `code` at `sites`, in whatever order they come.
    pub fn of(code: Code, sites: &[String]) -> Self {
        let sites = sites.iter().map(String::as_str).in_order();
        let mut hash = fnv(FNV_START, code.code().as_bytes());
        for site in sites {
            hash = fnv(fnv(hash, &[0]), site.as_bytes());
        }
        Fingerprint(hash)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// The FNV-1a offset basis.
pub const FNV_START: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a over `bytes`, going on from `hash`.
pub fn fnv(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}
