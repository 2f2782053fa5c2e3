//! The command line.

use std::time::Duration;

/// What is asked for.
pub struct Arguments {
    /// Of how many interleaved measurements each median is.
    pub pairs: usize,
    /// What loom may take for one program; then this counts.
    pub loom_cap: Duration,
    /// The sections to run: all, if none are named.
    pub sections: Vec<String>,
}

/// What can be named.
pub const SECTIONS: [&str; 7] = ["step", "random", "proof", "large", "trees", "jobs", "growth"];

impl Arguments {
    /// Reads them; a word that is none is an error, which ends the program.
    pub fn read() -> Self {
        let mut arguments = Arguments { pairs: 11, loom_cap: Duration::from_secs(2), sections: Vec::new() };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            match word.as_str() {
                // What cargo passes to every benchmark.
                "--bench" => {}
                "--pairs" => arguments.pairs = number(&word, words.next()) as usize,
                "--loom-cap" => arguments.loom_cap = Duration::from_secs(number(&word, words.next())),
                section if SECTIONS.contains(&section) => arguments.sections.push(word),
                _ => fail(&format!(
                    "expected --pairs N, --loom-cap SECONDS or one of {}, got `{word}`",
                    SECTIONS.join(", ")
                )),
            }
        }
        arguments
    }

    /// Whether to run this section.
    pub fn wants(&self, section: &str) -> bool {
        self.sections.is_empty() || self.sections.iter().any(|wanted| wanted == section)
    }
}

fn number(flag: &str, text: Option<String>) -> u64 {
    match text.as_deref().map(str::parse) {
        Some(Ok(n)) if n > 0 => n,
        _ => fail(&format!("{flag} expects a number of at least 1, got `{}`", text.unwrap_or_default())),
    }
}

fn fail(message: &str) -> ! {
    eprintln!("error: {message}");
    std::process::exit(2)
}
