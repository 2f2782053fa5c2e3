//! What is to be run.

use super::search_text;
use gorace_engine::explore::Strategy;
use gorace_engine::{Profile, Schedule, Selection, Token};
use std::fmt;
use std::sync::Arc;

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
    /// Whether the program is a test harness, whose first thread is its own.
    pub harness: bool,
}

/// How schedules are chosen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum How {
    /// Random ones, of these numbers.
    Random {
        /// By this strategy.
        by: Strategy,
        /// Of the run.
        seed: u64,
        /// The index of the first one.
        first: u64,
        /// How many, at the most.
        count: u64,
    },
    /// By the default rule. What is learned of the program by that is kept for random schedules.
    Learn,
    /// A step of a search, whose trace then has the calls that drove it.
    Search(Selection),
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
            _ => 1,
        }
    }

    /// The selection of the `at`-th one, of a program of this profile.
    pub fn selection(&self, at: u64, profile: &Arc<Profile>) -> Selection {
        match self {
            How::Random { by, seed, first, .. } => {
                let (seed, index) = (*seed, first + at);
                match by.sampler(index) {
                    None => Selection::Random { seed, index },
                    Some(by) => Selection::Sample { by, seed, index, profile: profile.clone() },
                }
            }
            How::Learn => Selection::Profile,
            How::Search(selection) => selection.clone(),
            How::Follow(schedule) => Selection::Follow(schedule.clone()),
            How::FollowLoosely(schedule) => Selection::FollowLoosely(schedule.clone()),
        }
    }

    /// Whether the calls that drive the engine are to be noted.
    pub fn notes_calls(&self) -> bool {
        matches!(self, How::Learn | How::Search(_))
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Request { how, max_steps, idle_clock, wall, show, keep, harness } = self;
        let flags = [idle_clock, show, keep, harness].map(|flag| u8::from(*flag));
        write!(f, "{max_steps} {wall} {} {} {} {} ", flags[0], flags[1], flags[2], flags[3])?;
        let token = |schedule: &Schedule| Token { program: Some(0), schedule: schedule.clone() };
        match how {
            How::Random { by, seed, first, count } => write!(f, "random {by} {seed} {first} {count}"),
            How::Learn => f.write_str("learn"),
            How::Search(selection) => {
                f.write_str("search")?;
                search_text::write(f, selection)
            }
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
    /// use gorace_engine::explore::Strategy;
    /// let how = How::Random { by: Strategy::Pct { depth: 4 }, seed: 1, first: 2, count: 3 };
    /// let request = Request { how, max_steps: 100, idle_clock: true, wall: 10, show: false, keep: true, harness: false };
    /// assert_eq!(Request::parse(&request.to_string()), Some(request));
    /// ```
    pub fn parse(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace();
        let mut number = || words.next()?.parse::<u64>().ok();
        let (max_steps, wall) = (number()?, number()?);
        let mut flag = || Some(number()? == 1);
        let (idle_clock, show, keep, harness) = (flag()?, flag()?, flag()?, flag()?);
        let schedule =
            |words: &mut dyn Iterator<Item = &str>| Some(Token::parse(words.next()?).ok()?.schedule);
        let how = match words.next()? {
            "random" => {
                let by = Strategy::from_word(words.next()?)?;
                let mut number = || words.next()?.parse::<u64>().ok();
                let (seed, first, count) = (number()?, number()?, number()?);
                How::Random { by, seed, first, count }
            }
            "learn" => How::Learn,
            "search" => How::Search(search_text::read(&mut words)?),
            "follow" => How::Follow(schedule(&mut words)?),
            "loosely" => How::FollowLoosely(schedule(&mut words)?),
            _ => return None,
        };
        Some(Request { how, max_steps, idle_clock, wall, show, keep, harness })
    }
}
