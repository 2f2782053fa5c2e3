//! The strategies that a user can choose, and their words.

use crate::plan::Schedule;
use std::fmt;

/// How schedules are chosen.
///
/// All but `Replay` have a word, which attributes, flags and variables take:
///
/// ```
/// use gorace_engine::explore::Strategy;
/// assert_eq!(Strategy::from_word("pct(5)"), Some(Strategy::Pct { depth: 5 }));
/// assert_eq!(Strategy::from_word("pct"), Some(Strategy::Pct { depth: 3 }));
/// assert_eq!(Strategy::Surw.to_string(), "surw");
/// assert_eq!(Strategy::from_word("pct(0)"), None);
/// ```
///
/// # Random strategies
/// `Pos`, `Surw`, `Urw`, `Pct`, `Portfolio` and `Random` run until the budget is used up and never prove
/// anything. Schedule `i` depends on the program, the seed and `i` alone. `Surw`, `Urw`, `Pct` and `Portfolio` begin
/// with the default schedule (each task runs as long as it can), which tells them how much each task does and
/// what is shared; it depends on the program alone, so that processes which share the indices among them need not
/// talk. What is said of probabilities holds for programs whose executions do what that one did.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum Strategy {
    /// Exhaustive while that fits half of the budget, or three quarters if it seems to be nearly through by then; else a
    /// quarter for schedules with at most 0, 1, 2, .. preemptions; then the [`Portfolio`](Strategy::Portfolio). Guarantees
    /// what the verdict says: all interleavings, those up to a bound, or nothing. For whoever does not know yet how large
    /// the program is.
    #[default]
    Auto,
    /// Every interleaving, up to the order of independent operations: one execution of each Mazurkiewicz trace, by
    /// optimal dynamic partial-order reduction (Abdulla, Aronis, Jonsson, Sagonas, POPL 2014). Ends in `Verified` if it
    /// finishes within the budget and no execution was cut. For small models, and where nothing but a proof will do. With
    /// tickers, depth-first with sleep sets. With a bound on preemptions: every interleaving that some schedule within the
    /// bound leads to, those with the fewest preemptions first (iterative context bounding, Musuvathi and Qadeer, PLDI 2007).
    Exhaustive,
    /// Uniformly random decisions; none between a lock of a mutex and the unlock that directly follows it, if nobody could
    /// tell. Guarantees nothing, finds shallow bugs fast, never gets stuck in a corner. A bug
    /// that needs one task to be far ahead of another is met with a probability that falls exponentially. The
    /// yardstick, and the cheapest a step.
    Random,
    /// Random strategies in turn: by schedule index POS, SURW, POS, PCT of depth 3, SURW, URW, and every 64th time
    /// plain random. Guarantees what each of them does, with a sixth of the schedules. For programs that
    /// are too large to be explored exhaustively, when nothing is known of the bug.
    Portfolio,
    /// Partial order sampling (Yuan, Yang, Gu, CAV 2018): each pending operation has a random priority, which is
    /// drawn anew when something that races with it has run. Orders of racing operations are sampled about
    /// evenly, whatever the tasks do otherwise. Strong where bugs need few operations in a certain order: locks,
    /// condition variables, channels. Weak where one operation must come before many others of the same kind.
    Pos,
    /// The selectively uniform random walk (Zhao, Wolff, Mathur, Roychoudhury, ASPLOS 2025): for each schedule one
    /// shared object is drawn, and each order of the operations that race there is equally likely, as long
    /// as no task waits for another between them. Strong where many tasks use one object and one of the orders
    /// is bad.
    Surw,
    /// The uniform random walk (same source): each interleaving of all operations is equally likely, as long as no
    /// task waits. Plain random prefers those in which all tasks advance at one pace; this one does not.
    /// Strong for short tasks of different lengths.
    Urw,
    /// Probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi, Nagarakatte, ASPLOS 2010): random
    /// priorities for tasks, which change at `depth - 1` random steps. A bug that `depth` ordering
    /// constraints bring about shows in each schedule with a probability of at least `1 / (n k^(depth - 1))`,
    /// for `n` tasks and `k` steps. The only one with such a bound for programs that wait. Strong
    /// for few tasks that run long. As a word `pct(5)`, or `pct` for depth 3; depth 0 is taken for 1. Priorities
    /// never change more often than the profile has steps.
    Pct {
        /// How many ordering constraints the bug needs.
        depth: u32,
    },
    /// This schedule, once; a finding's token is read with [`str::parse`].
    Replay(Schedule),
}

impl Strategy {
    /// Whether a bound on preemptions means something to it: it searches. Random strategies draw from all schedules, and
    /// one that is replayed is what it is.
    ///
    /// ```
    /// use gorace_engine::explore::Strategy;
    /// let bounded = ["auto", "exhaustive", "random", "pct(5)"].map(|word| Strategy::from_word(word).unwrap().is_search());
    /// assert_eq!(bounded, [true, true, false, false]);
    /// ```
    #[inline]
    pub fn is_search(&self) -> bool {
        matches!(self, Strategy::Auto | Strategy::Exhaustive)
    }

    /// What [`Strategy::from_word`] takes, for messages.
    pub const WORDS: &'static str =
        "auto, exhaustive, portfolio, random, pos, surw, urw, pct or pct(depth) such as pct(5)";

    /// Reads the word of a strategy that can be chosen by one.
    #[inline]
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "auto" => Strategy::Auto,
            "exhaustive" => Strategy::Exhaustive,
            "portfolio" => Strategy::Portfolio,
            "random" => Strategy::Random,
            "pos" => Strategy::Pos,
            "surw" => Strategy::Surw,
            "urw" => Strategy::Urw,
            "pct" => Strategy::Pct { depth: 3 },
            _ => {
                let depth = word.strip_prefix("pct(")?.strip_suffix(')')?;
                Strategy::Pct { depth: depth.parse().ok().filter(|depth| *depth > 0)? }
            }
        })
    }
}

impl fmt::Display for Strategy {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Strategy::Auto => "auto",
            Strategy::Exhaustive => "exhaustive",
            Strategy::Random => "random",
            Strategy::Portfolio => "portfolio",
            Strategy::Pos => "pos",
            Strategy::Surw => "surw",
            Strategy::Urw => "urw",
            Strategy::Pct { depth: 3 } => "pct",
            Strategy::Pct { depth } => return write!(f, "pct({depth})"),
            Strategy::Replay(_) => "replay",
        })
    }
}
