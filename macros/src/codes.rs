//! The findings that `expect` and `allow` may name.
//!
//! A copy of the analyzer's table: depending on the analyzer would compile it a second time in every user's
//! build, for the machine that runs the compiler. A test compares the two.

/// Code and word of each finding, by number.
pub const CODES: &[(&str, &str)] = &[
    ("GR0001", "data_race"),
    ("GR0002", "deadlock"),
    ("GR0003", "leak"),
    ("GR0004", "panic"),
    ("GR0005", "misuse"),
    ("GR0006", "livelock"),
    ("GR0007", "nondeterminism"),
    ("GR0008", "nothing_explored"),
    ("GR0009", "stalled"),
];

/// The code that a code or a word names, in any case, `-` for `_` accepted.
pub fn parse(text: &str) -> Option<&'static str> {
    let text = text.trim().to_ascii_lowercase().replace('-', "_");
    CODES
        .iter()
        .find(|(code, word)| code.to_ascii_lowercase() == text || *word == text)
        .map(|(code, _)| *code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use gorace_analyzer::Code;

    #[test]
    fn the_table_is_the_analyzers() {
        let theirs: Vec<_> = Code::ALL.iter().map(|c| (c.code(), c.word())).collect();
        assert_eq!(CODES, theirs);
    }

    #[test]
    fn reads_what_the_analyzer_reads() {
        for text in ["GR0002", "gr0002", " deadlock", "Data-Race", "data_race", "race", "GR10", ""] {
            assert_eq!(parse(text), Code::parse(text).map(Code::code), "{text:?}");
        }
    }
}
