//! Names for the things of one execution.
//!
//! Inside one execution everything is a dense index, given in the order of appearance. What must survive
//! the execution (tokens, fingerprints, files) uses [`TaskPath`] instead, which depends only on the
//! program: never on an address, a global counter or the schedule.

use std::fmt;

macro_rules! index {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(pub u32);

        impl $name {
            /// The index as a `usize`, for slices.
            pub fn at(self) -> usize {
                self.0 as usize
            }
        }
    };
}

index!(
    /// A task of one execution, in the order of spawning; 0 is main.
    TaskIx
);
index!(
    /// An object (lock, channel, cell, ..) of one execution, in the order of first use.
    ObjIx
);
index!(
    /// An event of one execution, in the order of execution.
    EventIx
);

/// A task's stable identity: the path of spawn ordinals from main.
///
/// Main is `0`, its first child `0.1`, that one's second child `0.1.2`.
///
/// ```
/// use gorace_analyzer_core::TaskPath;
/// let child = TaskPath::main().child(1).child(2);
/// assert_eq!(child.to_string(), "0.1.2");
/// assert_eq!(TaskPath::parse("0.1.2"), Some(child));
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TaskPath(Box<[u32]>);

impl TaskPath {
    /// Main's path, `0`.
    pub fn main() -> Self {
        TaskPath(Box::new([0]))
    }

    /// The path of this task's `ordinal`-th child (counted from 1).
    pub fn child(&self, ordinal: u32) -> Self {
        self.0.iter().copied().chain([ordinal]).collect::<Vec<_>>().into_boxed_slice().into()
    }

    /// Whether it is the clock, which runs no code: main's child 0.
    pub fn is_clock(&self) -> bool {
        self.0.len() == 2 && self.0[1] == 0
    }

    /// The ordinals, main's 0 first.
    pub fn ordinals(&self) -> &[u32] {
        &self.0
    }

    /// Reads what `Display` writes; `None` if it is not a path that starts at main.
    pub fn parse(text: &str) -> Option<Self> {
        let ordinals = text.split('.').map(|part| part.parse().ok()).collect::<Option<Vec<u32>>>()?;
        (ordinals.first() == Some(&0)).then(|| TaskPath(ordinals.into_boxed_slice()))
    }
}

impl From<Box<[u32]>> for TaskPath {
    fn from(ordinals: Box<[u32]>) -> Self {
        TaskPath(ordinals)
    }
}

impl fmt::Display for TaskPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, ordinal) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str(".")?;
            }
            write!(f, "{ordinal}")?;
        }
        Ok(())
    }
}
