//! What is to be run.

use gorace_engine::{Schedule, Selection, Token};
use std::fmt;

/// Executions to run, one after the other, until one is worth a look.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    /// Who decides.
    pub how: How,
    /// Each is cut after this many events.
    pub max_steps: u64,
    /// Whether timers fire only when nothing else can run.
    pub idle_clock: bool,
    /// Milliseconds without an end after which an execution is killed.
    pub wall: u64,
    /// Whether the program's output is shown.
    pub show: bool,
    /// Whether the trace is wanted even if nothing is wrong with it.
    pub keep: bool,
}

/// How schedules are chosen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum How {
    /// Random ones, of these numbers.
    Random {
        /// Of the run.
        seed: u64,
        /// The number of the first one.
        first: u64,
        /// How many, at the most.
        count: u64,
    },
    /// This one.
    Follow(Schedule),
    /// This one, as far as it fits.
    FollowLoosely(Schedule),
}

impl How {
    /// How many executions that is at the most.
    pub fn count(&self) -> u64 {
        match self {
            How::Random { count, .. } => *count,
            How::Follow(_) | How::FollowLoosely(_) => 1,
        }
    }

    /// The selection of the `at`-th one.
    pub fn selection(&self, at: u64) -> Selection {
        match self {
            How::Random { seed, first, .. } => Selection::Random { seed: *seed, index: first + at },
            How::Follow(schedule) => Selection::Follow(schedule.clone()),
            How::FollowLoosely(schedule) => Selection::FollowLoosely(schedule.clone()),
        }
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Request { how, max_steps, idle_clock, wall, show, keep } = self;
        let flags = [idle_clock, show, keep].map(|flag| u8::from(*flag));
        write!(f, "{max_steps} {wall} {} {} {} ", flags[0], flags[1], flags[2])?;
        let token = |schedule: &Schedule| Token { program: Some(0), schedule: schedule.clone() };
        match how {
            How::Random { seed, first, count } => write!(f, "random {seed} {first} {count}"),
            How::Follow(schedule) => write!(f, "follow {}", token(schedule)),
            How::FollowLoosely(schedule) => write!(f, "loosely {}", token(schedule)),
        }
    }
}

impl Request {
    /// Reads what `Display` writes; `None` if it is something else.
    ///
    /// ```
    /// use gorace_inject::wire::{How, Request};
    /// let how = How::Random { seed: 1, first: 2, count: 3 };
    /// let request = Request { how, max_steps: 100, idle_clock: true, wall: 10, show: false, keep: true };
    /// assert_eq!(Request::parse(&request.to_string()), Some(request));
    /// ```
    pub fn parse(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace();
        let mut number = || words.next()?.parse::<u64>().ok();
        let (max_steps, wall) = (number()?, number()?);
        let (idle_clock, show, keep) = (number()? == 1, number()? == 1, number()? == 1);
        let schedule =
            |words: &mut dyn Iterator<Item = &str>| Some(Token::parse(words.next()?).ok()?.schedule);
        let how = match words.next()? {
            "random" => {
                let mut number = || words.next()?.parse::<u64>().ok();
                How::Random { seed: number()?, first: number()?, count: number()? }
            }
            "follow" => How::Follow(schedule(&mut words)?),
            "loosely" => How::FollowLoosely(schedule(&mut words)?),
            _ => return None,
        };
        Some(Request { how, max_steps, idle_clock, wall, show, keep })
    }
}
