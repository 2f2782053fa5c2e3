//! An answer, written by the process that asked and read by the one that started it.

use std::fmt;

/// What is wrong with a program.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the words say it")]
pub enum Says {
    Clean,
    Deadlock,
    Leak,
    Race,
    Assertion,
}

/// One tool's answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Answer {
    /// What is wrong.
    pub says: Says,
    /// Executions of the whole search; `None` if it ended before, at a failure or at a cap.
    pub executions: Option<u64>,
    /// The tool itself said that it did not look at the values that weak orders allow.
    pub limited: bool,
}

impl Says {
    const ALL: [(Says, &str); 5] = [
        (Says::Clean, "clean"),
        (Says::Deadlock, "deadlock"),
        (Says::Leak, "leak"),
        (Says::Race, "race"),
        (Says::Assertion, "assertion"),
    ];
}

impl Answer {
    /// Reads what the binary `verdict` wrote: its answer, or the panic that a failure of loom or shuttle is.
    ///
    /// # Panics
    /// If it is neither.
    pub fn read(stdout: &str, stderr: &str) -> Answer {
        let mut words = stdout.split_whitespace();
        let failed = |says| Answer { says, executions: None, limited: false };
        if let Some(word) = words.next() {
            let says = Says::ALL.iter().find(|(_, name)| *name == word).expect("a word of ours").0;
            let executions = words.next().and_then(|number| number.parse().ok());
            return Answer { executions, limited: stdout.contains("weak_values"), ..failed(says) };
        }
        let failures = [
            ("deadlock", Says::Deadlock),
            ("Causality violation", Says::Race),
            ("overdrawn", Says::Assertion),
            ("an update was lost", Says::Assertion),
            ("both loads missed both stores", Says::Assertion),
            ("both loads saw the later stores", Says::Assertion),
            ("the readers disagree on the order", Says::Assertion),
        ];
        match failures.iter().find(|(text, _)| stderr.contains(text)) {
            Some((_, says)) => failed(*says),
            None => panic!("not a failure that is known: {stderr}"),
        }
    }

    /// As it is written: `clean 6`, and behind that the limit.
    pub fn write(&self) -> String {
        let executions = self.executions.map_or_else(|| "-".to_owned(), |n| n.to_string());
        let limit = if self.limited { " weak_values" } else { "" };
        format!("{} {executions}{limit}", self.says)
    }
}

impl fmt::Display for Says {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = Says::ALL.iter().find(|(says, _)| says == self).map_or("", |(_, word)| *word);
        f.write_str(word)
    }
}

/// As the page shows it: `clean (6)`.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.says)?;
        self.executions.map_or(Ok(()), |n| write!(f, " ({n})"))
    }
}
