//! What a result is worth. The words of each verdict and each limit stand here and nowhere else.

use std::fmt;

/// What the executions of one test came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Verdict {
    /// Every interleaving was run and none had a finding.
    Verified,
    /// Every interleaving with at most this many preemptions was run, and none had a finding; there may be others.
    VerifiedUpTo {
        /// The bound.
        preemptions: u32,
    },
    /// Some interleavings were run, and none had a finding.
    Tested,
    /// There is a finding.
    Failed,
}

impl Verdict {
    /// The word of the machine formats.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Verified => "verified",
            Verdict::VerifiedUpTo { .. } => "verified-up-to",
            Verdict::Tested => "tested",
            Verdict::Failed => "failed",
        }
    }

    /// How much it leaves in doubt, to find the verdict of several together: the greatest.
    ///
    /// ```
    /// use gorace_analyzer_core::Verdict;
    /// let up_to = |preemptions| Verdict::VerifiedUpTo { preemptions };
    /// let together = [up_to(2), Verdict::Verified, up_to(1)].into_iter().max_by_key(|v| v.doubt());
    /// assert_eq!(together, Some(up_to(1)));
    /// ```
    pub fn doubt(self) -> u64 {
        match self {
            Verdict::Verified => 0,
            Verdict::VerifiedUpTo { preemptions } => 1 + u64::from(u32::MAX - preemptions),
            Verdict::Tested => 1 << 33,
            Verdict::Failed => 1 << 34,
        }
    }
}

/// What ended the exploration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Stopped {
    /// There was nothing left to explore.
    Complete,
    /// The budget of executions was used up.
    MaxExecutions,
    /// The budget of time was used up.
    Timeout,
    /// A finding ended it.
    Finding,
    /// The user interrupted it.
    Interrupted,
    /// What comes next is explored elsewhere: this is one part of several.
    Elsewhere,
}

impl Stopped {
    /// Reads what [`Stopped::word`] gives.
    #[inline]
    pub fn from_word(word: &str) -> Option<Self> {
        use Stopped as S;
        [S::Complete, S::MaxExecutions, S::Timeout, S::Finding, S::Interrupted, S::Elsewhere]
            .into_iter()
            .find(|stopped| stopped.word() == word)
    }

    /// The word of the machine formats and of the text.
    pub fn word(self) -> &'static str {
        match self {
            Stopped::Complete => "complete",
            Stopped::MaxExecutions => "stopped by max_executions",
            Stopped::Timeout => "stopped by timeout",
            Stopped::Finding => "stopped at the first finding",
            Stopped::Interrupted => "interrupted",
            Stopped::Elsewhere => "stopped where other parts go on",
        }
    }
}

/// What a verdict does not cover; printed after it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum Limit {
    /// Orders weaker than `SeqCst` were used and only sequentially consistent values were explored.
    WeakValues,
    /// Who drops what two tasks let go of was not explored: a result that nobody took, which its task or whoever had its
    /// handle drops. Clones of a std `Arc` are alike, but are not noticed.
    ArcDropOrder,
    /// A data race was found, and the orders of its accesses were not explored.
    UnexploredRace,
    /// Something outside gorace's control took part: a foreign lock, I/O.
    ForeignState,
    /// An execution reached `max_steps` and was cut.
    StepLimit,
    /// Timers fired only when nothing else could run.
    IdleClock,
    /// Timers of different tasks fired in the order of their deadlines, as if code took no time.
    TimerOrder,
    /// Tickers were kept from running ahead, or timers from firing for ever after main's end.
    TickerBound,
    /// A task that spun or yielded was passed over until the others could not go on.
    SpinCut,
}

impl Limit {
    /// All limits that exist.
    pub const ALL: &'static [Limit] = &[
        Limit::WeakValues,
        Limit::ArcDropOrder,
        Limit::UnexploredRace,
        Limit::ForeignState,
        Limit::StepLimit,
        Limit::IdleClock,
        Limit::TimerOrder,
        Limit::TickerBound,
        Limit::SpinCut,
    ];

    /// Its name, as printed and as machine formats have it.
    pub fn word(self) -> &'static str {
        match self {
            Limit::WeakValues => "weak_values",
            Limit::ArcDropOrder => "arc_drop_order",
            Limit::UnexploredRace => "unexplored_race",
            Limit::ForeignState => "foreign_state",
            Limit::StepLimit => "step_limit",
            Limit::IdleClock => "idle_clock",
            Limit::TimerOrder => "timer_order",
            Limit::TickerBound => "ticker_bound",
            Limit::SpinCut => "spin_cut",
        }
    }

    /// What is left out, and what to do about it: a paragraph.
    ///
    /// ```
    /// assert!(gorace_analyzer_core::Limit::SpinCut.meaning().starts_with("A task that spun"));
    /// ```
    pub fn meaning(self) -> &'static str {
        match self {
            Limit::WeakValues => {
                "An atomic was used with an order weaker than `SeqCst`. Such orders decide what happens before what, so that races \
                 are found, but loads give sequentially consistent values only: what `Relaxed`, `Acquire` and `Release` allow \
                 beyond that was not explored. Use `SeqCst` if speed does not matter there, or check the algorithm with loom."
            }
            Limit::ArcDropOrder => {
                "Nobody took the result of a task, which has something to drop: whether the task drops it or whoever lets go of its \
                 handle was not explored. Join the task, or let its closure return nothing."
            }
            Limit::UnexploredRace => {
                "There was a data race. It is reported, or allowed; which other values its accesses may see, and what the program \
                 does then, was not explored. Mend the race first."
            }
            Limit::ForeignState => {
                "The program used what gorace does not control: files, sockets, other processes. What they answer may differ from \
                 execution to execution, so that not all that can happen was explored."
            }
            Limit::StepLimit => {
                "An execution reached `max_steps` and was cut: what it would have done then was not seen, and the verdict is never \
                 `verified`. Make the model smaller, or raise `max_steps`."
            }
            Limit::IdleClock => {
                "Timers fired only when nothing else could run, as `clock = \"idle\"` says. Code that is slower than a timer was not \
                 explored, and the verdict is never `verified`. `clock = \"any\"` explores it."
            }
            Limit::TimerOrder => {
                "Timers of different tasks fired in the order of their deadlines, as if code took no time. That a task which begins \
                 to wait later is the first to be woken, since the other one was slow to begin, was not explored. Who relies on \
                 durations to order things wants a lock or a channel."
            }
            Limit::TickerBound => {
                "A loop over timers was bounded: a ticker fires ahead of tasks that are ready three times, timers that a task starts \
                 at one place five times, and after main's return tickers stand still. More would make each execution endless."
            }
            Limit::SpinCut => {
                "A task that spun (`while !flag.load(..) { yield_now() }`) was passed over until somebody else had done \
                 something, or nobody else could go on. More rounds of a loop that sees the same values again change nothing, and \
                 were left out: with them each execution could be endless. What is left out can matter if the loop counts its \
                 rounds where that is not seen (on the heap; on other systems than Linux on x86-64; in a program without gorace), \
                 counts to more than a hundred, or does more than look. A condition variable, a channel or `park` in place of the loop leaves nothing out."
            }
        }
    }
}

/// A verdict with its numbers, ready to print.
///
/// ```
/// use gorace_analyzer_core::verdict::{Limit, Summary, Verdict};
/// let limits = &[Limit::WeakValues];
/// let mut summary = Summary { verdict: Verdict::Verified, executions: 90, runs: 1, strategies: "", limits };
/// assert_eq!(summary.to_string(), "verified: all 90 interleavings (limits: weak_values)");
/// let bounded = Verdict::VerifiedUpTo { preemptions: 0 };
/// let one = Summary { verdict: bounded, executions: 1, limits: &[], ..summary };
/// assert_eq!(one.to_string(), "verified up to 0 preemptions (1 interleaving)");
/// summary.runs = 4;
/// assert_eq!(summary.to_string(), "verified over 4 runs: all 90 interleavings (limits: weak_values)");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Summary<'a> {
    /// What it came to.
    pub verdict: Verdict,
    /// Complete executions.
    pub executions: u64,
    /// Runs that came to it together, each from where the one before was stopped.
    pub runs: u64,
    /// The strategies' names, for [`Verdict::Tested`].
    pub strategies: &'a str,
    /// What it does not cover.
    pub limits: &'a [Limit],
}

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = Grouped(self.executions);
        let over = if self.runs > 1 { format!(" over {} runs", Grouped(self.runs)) } else { String::new() };
        match self.verdict {
            Verdict::Verified if self.executions == 1 => write!(f, "verified: the only interleaving")?,
            Verdict::Verified => write!(f, "verified{over}: all {n} interleavings")?,
            Verdict::VerifiedUpTo { preemptions } => {
                let (most, n) =
                    (Counted(preemptions.into(), "preemption"), Counted(self.executions, "interleaving"));
                write!(f, "verified{over} up to {most} ({n})")?;
            }
            Verdict::Tested => {
                write!(f, "tested: {} ({})", Counted(self.executions, "schedule"), self.strategies)?;
            }
            Verdict::Failed => write!(f, "failed")?,
        }
        if !self.limits.is_empty() {
            let names: Vec<_> = self.limits.iter().map(|limit| limit.word()).collect();
            write!(f, " (limits: {})", names.join(", "))?;
        }
        Ok(())
    }
}

/// A task that had not finished when main returned, and came to its end all the same: no leak, but in Go it
/// would have been killed.
///
/// ```
/// use gorace_analyzer_core::verdict::Slow;
/// let slow = Slow { tasks: "`worker`", schedules: 3, of: 12, slept: true };
/// let words = "`worker` had not finished when main returned, in 3 of 12 schedules: sleeping is not synchronisation";
/// assert_eq!(slow.to_string(), words);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Slow<'a> {
    /// What it is called.
    pub tasks: &'a str,
    /// In how many schedules it was slow.
    pub schedules: u64,
    /// Of how many.
    pub of: u64,
    /// Whether main slept, as if that would wait for it.
    pub slept: bool,
}

impl fmt::Display for Slow<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (tasks, schedules, of) = (self.tasks, Grouped(self.schedules), Grouped(self.of));
        let s = if self.of == 1 { "" } else { "s" };
        let why = if self.slept { "sleeping is not synchronisation" } else { "nothing waits for it" };
        write!(f, "{tasks} had not finished when main returned, in {schedules} of {of} schedule{s}: {why}")
    }
}

/// How many interleavings there seem to be at least, once it is known that not all were run. What a search has met leads
/// to more, of which nothing can be told before: at first there are mostly far more.
///
/// ```
/// use gorace_analyzer_core::verdict::Estimate;
/// let words = "there seem to be at least 12 000 interleavings, of which 400 were run: a larger max_executions, or a \
///              resume file, goes on";
/// assert_eq!(Estimate { all: 12_345, run: 400 }.to_string(), words);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Estimate {
    /// As far as can be told.
    pub all: u64,
    /// How many the search has run.
    pub run: u64,
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Two digits say as much as is known; more than were run are known of.
        let unit = 10_u64.pow(self.all.max(1).ilog10().saturating_sub(1));
        let (all, run) = (Grouped((self.all / unit * unit).max(self.run + 1)), Grouped(self.run));
        write!(f, "there seem to be at least {all} interleavings, of which {run} were run: ")?;
        f.write_str("a larger max_executions, or a resume file, goes on")
    }
}

/// A number of things: `1 step`, `12 480 steps`.
#[derive(Clone, Copy, Debug)]
pub struct Counted(pub u64, pub &'static str);

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = if self.0 == 1 { "" } else { "s" };
        write!(f, "{} {}{s}", Grouped(self.0), self.1)
    }
}

/// A number with its digits in groups of three: `12 480`.
#[derive(Clone, Copy, Debug)]
pub struct Grouped(pub u64);

impl fmt::Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        let mut text = String::with_capacity(digits.len() + digits.len() / 3);
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                text.push(' ');
            }
            text.push(digit);
        }
        f.pad(&text)
    }
}
