//! What is to be run.

use gorace_analyzer_core::TaskPath;
use gorace_engine::{Profile, Sampler, Schedule, Selection, Token};
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
        /// By these strategies in turn; `None` is plain random.
        by: Vec<Option<Sampler>>,
        /// How many operations each task had in an execution by the default rule.
        profile: Vec<(TaskPath, u32)>,
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
            How::Random { by, profile, seed, first, .. } => {
                let (seed, index) = (*seed, first + at);
                match by.get(index as usize % by.len().max(1)).copied().flatten() {
                    None => Selection::Random { seed, index },
                    Some(by) => {
                        let profile = Arc::new(Profile::of_counts(profile));
                        Selection::Sample { by, seed, index, profile }
                    }
                }
            }
            How::Follow(schedule) => Selection::Follow(schedule.clone()),
            How::FollowLoosely(schedule) => Selection::FollowLoosely(schedule.clone()),
        }
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Request { how, max_steps, idle_clock, wall, show, keep, harness } = self;
        let flags = [idle_clock, show, keep, harness].map(|flag| u8::from(*flag));
        write!(f, "{max_steps} {wall} {} {} {} {} ", flags[0], flags[1], flags[2], flags[3])?;
        let token = |schedule: &Schedule| Token { program: Some(0), schedule: schedule.clone() };
        match how {
            How::Random { by, profile, seed, first, count } => {
                write!(f, "random {seed} {first} {count}")?;
                by.iter().try_for_each(|by| write!(f, " {}", word(*by)))?;
                f.write_str(" :")?;
                profile.iter().try_for_each(|(path, count)| write!(f, " {path} {count}"))
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
    /// use gorace_analyzer_core::TaskPath;
    /// use gorace_engine::Sampler;
    /// let by = vec![None, Some(Sampler::Pct { depth: 3 })];
    /// let how = How::Random { by, profile: vec![(TaskPath::main(), 7)], seed: 1, first: 2, count: 3 };
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
                let mut number = || words.next()?.parse::<u64>().ok();
                let (seed, first, count) = (number()?, number()?, number()?);
                let by = words
                    .by_ref()
                    .take_while(|word| *word != ":")
                    .map(sampler)
                    .collect::<Option<Vec<_>>>()?;
                let mut profile = Vec::new();
                while let Some(path) = words.next() {
                    profile.push((TaskPath::parse(path)?, words.next()?.parse().ok()?));
                }
                How::Random { by, profile, seed, first, count }
            }
            "follow" => How::Follow(schedule(&mut words)?),
            "loosely" => How::FollowLoosely(schedule(&mut words)?),
            _ => return None,
        };
        Some(Request { how, max_steps, idle_clock, wall, show, keep, harness })
    }
}

/// A strategy as a word.
fn word(by: Option<Sampler>) -> String {
    match by {
        None => "random".to_owned(),
        Some(Sampler::Pos) => "pos".to_owned(),
        Some(Sampler::Surw) => "surw".to_owned(),
        Some(Sampler::Urw) => "urw".to_owned(),
        Some(Sampler::Pct { depth }) => format!("pct={depth}"),
    }
}

/// Reads what [`word`] gives.
fn sampler(word: &str) -> Option<Option<Sampler>> {
    Some(match word {
        "random" => None,
        "pos" => Some(Sampler::Pos),
        "surw" => Some(Sampler::Surw),
        "urw" => Some(Sampler::Urw),
        _ => Some(Sampler::Pct { depth: word.strip_prefix("pct=")?.parse().ok()? }),
    })
}
