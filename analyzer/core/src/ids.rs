//! Names for the things of one execution.
//!
//! Inside one execution everything is a dense index, given in the order of appearance. What must survive
//! the execution (tokens, fingerprints, files) uses [`TaskPath`] instead, which depends only on the
//! program: never on an address, a global counter or the schedule.

use std::cmp::Ordering;
use std::fmt;
use std::num::NonZeroU32;

macro_rules! index {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(pub u32);

        impl $name {
            /// The index as a `usize`, for slices.
            #[inline]
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
/// An object (lock, channel, cell, ..) of one execution, in the order of first use. None is told in the same word, since
/// nearly every event has one, and what is written down is what recording takes longest for.
///
/// ```
/// use gorace_analyzer_core::ObjIx;
/// assert_eq!(ObjIx::new(7).at(), 7);
/// assert_eq!(size_of::<Option<ObjIx>>(), 4);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjIx(NonZeroU32);

impl ObjIx {
    /// The object of this number; of `u32::MAX`, which is none, the one before.
    #[inline]
    #[must_use]
    pub const fn new(number: u32) -> Self {
        ObjIx(NonZeroU32::MIN.saturating_add(number))
    }

    /// Its number.
    #[inline]
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0.get() - 1
    }

    /// The index as a `usize`, for slices.
    #[inline]
    #[must_use]
    pub fn at(self) -> usize {
        self.number() as usize
    }
}

impl fmt::Debug for ObjIx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ObjIx").field(&self.number()).finish()
    }
}

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
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TaskPath(Ordinals);

/// Of how many ordinals the path of an ordinary task is at the most.
const FEW: usize = 5;

/// Short paths lie in place, so that starting a task allocates nothing for its name. Each path has one form only.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Ordinals {
    /// Those behind the last one are 0.
    Few {
        len: u8,
        ordinals: [u32; FEW],
    },
    Many(Box<[u32]>),
}

impl TaskPath {
    /// Main's path, `0`.
    pub fn main() -> Self {
        TaskPath(Ordinals::Few { len: 1, ordinals: [0; FEW] })
    }

    /// The path of this task's `ordinal`-th child (counted from 1).
    pub fn child(&self, ordinal: u32) -> Self {
        let mut path = self.clone();
        path.push(ordinal);
        path
    }

    /// Becomes the path of its own `ordinal`-th child.
    pub fn push(&mut self, ordinal: u32) {
        match &mut self.0 {
            Ordinals::Few { len, ordinals } if usize::from(*len) < FEW => {
                ordinals[usize::from(*len)] = ordinal;
                *len += 1;
            }
            _ => {
                let ordinals = self.ordinals().iter().copied().chain([ordinal]).collect();
                self.0 = Ordinals::Many(ordinals);
            }
        }
    }

    /// Becomes the path of the `ordinal`-th child of the task that has the path `parent`.
    pub fn become_child(&mut self, parent: &TaskPath, ordinal: u32) {
        match (&mut self.0, &parent.0) {
            (Ordinals::Few { len, ordinals }, Ordinals::Few { len: of, ordinals: parents })
                if usize::from(*of) < FEW =>
            {
                // In its place, since a copy of what was just changed makes the processor wait.
                (*len, *ordinals) = (*of + 1, *parents);
                ordinals[usize::from(*of)] = ordinal;
            }
            _ => *self = parent.child(ordinal),
        }
    }

    /// Whether it is the clock, which runs no code: main's child 0.
    pub fn is_clock(&self) -> bool {
        matches!(self.ordinals(), [_, 0])
    }

    /// The ordinals, main's 0 first.
    pub fn ordinals(&self) -> &[u32] {
        match &self.0 {
            Ordinals::Few { len, ordinals } => &ordinals[..usize::from(*len)],
            Ordinals::Many(ordinals) => ordinals,
        }
    }

    /// Reads what `Display` writes; `None` if it is not a path that starts at main.
    #[inline]
    pub fn parse(text: &str) -> Option<Self> {
        let ordinals = text.split('.').map(|part| part.parse().ok()).collect::<Option<Vec<u32>>>()?;
        (ordinals.first() == Some(&0)).then(|| ordinals.into_boxed_slice().into())
    }
}

impl From<Box<[u32]>> for TaskPath {
    fn from(long: Box<[u32]>) -> Self {
        let mut ordinals = [0; FEW];
        match ordinals.get_mut(..long.len()) {
            Some(few) => {
                few.copy_from_slice(&long);
                TaskPath(Ordinals::Few { len: long.len() as u8, ordinals })
            }
            None => TaskPath(Ordinals::Many(long)),
        }
    }
}

impl PartialOrd for TaskPath {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for TaskPath {
    fn cmp(&self, other: &Self) -> Ordering {
        self.ordinals().cmp(other.ordinals())
    }
}

impl fmt::Debug for TaskPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaskPath({self})")
    }
}

impl fmt::Display for TaskPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, ordinal) in self.ordinals().iter().enumerate() {
            if i > 0 {
                f.write_str(".")?;
            }
            write!(f, "{ordinal}")?;
        }
        Ok(())
    }
}
