//! What executions came to.

use std::fmt;

/// What is known of executions that were run, added up.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Facts {
    /// How many.
    pub executions: u64,
    /// Their events.
    pub steps: u64,
    /// Plain accesses to memory that were seen, but for most that repeat others.
    pub accesses: u64,
    /// How many had a second task.
    pub threaded: u64,
    /// Whether orders weaker than `SeqCst` were used.
    pub weak: bool,
    /// Whether different tasks' deadlines decided an order.
    pub ordered_timers: bool,
    /// Whether timers were bounded.
    pub bounded_timers: bool,
    /// Whether a timer was started.
    pub timers: bool,
    /// Whether a spinning task was passed over.
    pub spin_cut: bool,
    /// Whether somebody outside took part: files written, sockets, processes.
    pub outside: bool,
    /// Whether an execution was cut by the step limit.
    pub truncated: bool,
    /// Whether the program has written to files,
    pub files: bool,
    /// used sockets,
    pub sockets: bool,
    /// or started processes.
    pub processes: bool,
}

impl Facts {
    /// Takes `other` in.
    pub fn add(&mut self, other: &Facts) {
        self.executions += other.executions;
        self.steps += other.steps;
        self.accesses += other.accesses;
        self.threaded += other.threaded;
        self.weak |= other.weak;
        self.ordered_timers |= other.ordered_timers;
        self.bounded_timers |= other.bounded_timers;
        self.timers |= other.timers;
        self.spin_cut |= other.spin_cut;
        self.outside |= other.outside;
        self.truncated |= other.truncated;
        self.files |= other.files;
        self.sockets |= other.sockets;
        self.processes |= other.processes;
    }
}

/// The answer to a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// All of them ran, and nothing is wrong with any.
    Clean(Facts),
    /// The last of them left its trace.
    Trace(Facts),
    /// The last of them was ended by this signal, and left nothing.
    Died(Facts, i32),
    /// The last of them came to no end in time.
    Hung(Facts),
    /// The runtime cannot go on, for this reason.
    Broken(String),
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, facts, rest) = match self {
            Answer::Clean(facts) => ("clean", facts, String::new()),
            Answer::Trace(facts) => ("trace", facts, String::new()),
            Answer::Died(facts, signal) => ("died", facts, signal.to_string()),
            Answer::Hung(facts) => ("hung", facts, String::new()),
            Answer::Broken(why) => return write!(f, "broken {}", why.replace('\n', " ")),
        };
        let Facts { executions, steps, accesses, threaded, .. } = facts;
        write!(f, "{word} {executions} {steps} {accesses} {threaded}")?;
        let flags = [
            facts.weak,
            facts.ordered_timers,
            facts.bounded_timers,
            facts.timers,
            facts.spin_cut,
            facts.outside,
            facts.truncated,
            facts.files,
            facts.sockets,
            facts.processes,
        ];
        flags.iter().try_for_each(|flag| write!(f, " {}", u8::from(*flag)))?;
        write!(f, " {rest}")
    }
}

impl Answer {
    /// Reads what `Display` writes; `None` if it is something else.
    ///
    /// ```
    /// use gorace_inject::wire::{Answer, Facts};
    /// let answer = Answer::Died(Facts { executions: 3, weak: true, ..Facts::default() }, 11);
    /// assert_eq!(Answer::parse(&answer.to_string()), Some(answer));
    /// ```
    pub fn parse(line: &str) -> Option<Self> {
        let (word, rest) = line.trim_end_matches('\n').split_once(' ')?;
        if word == "broken" {
            return Some(Answer::Broken(rest.to_owned()));
        }
        let mut numbers = rest.split_whitespace().map(|word| word.parse::<u64>().ok());
        let mut number = || numbers.next()?;
        let mut facts = Facts {
            executions: number()?,
            steps: number()?,
            accesses: number()?,
            threaded: number()?,
            ..Facts::default()
        };
        let flags: [&mut bool; 10] = [
            &mut facts.weak,
            &mut facts.ordered_timers,
            &mut facts.bounded_timers,
            &mut facts.timers,
            &mut facts.spin_cut,
            &mut facts.outside,
            &mut facts.truncated,
            &mut facts.files,
            &mut facts.sockets,
            &mut facts.processes,
        ];
        for flag in flags {
            *flag = number()? == 1;
        }
        match word {
            "clean" => Some(Answer::Clean(facts)),
            "trace" => Some(Answer::Trace(facts)),
            "died" => Some(Answer::Died(facts, number()? as i32)),
            "hung" => Some(Answer::Hung(facts)),
            _ => None,
        }
    }
}
