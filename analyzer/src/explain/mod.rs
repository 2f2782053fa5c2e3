//! The long texts, as `rustc --explain` has them: what a code means, a bad and a good example, what to do.

use crate::Code;

/// The text for a code, in Markdown.
///
/// ```
/// use gorace_analyzer::{Code, explain};
/// assert!(explain::text(Code::Deadlock).starts_with("# GR0002"));
/// ```
pub fn text(code: Code) -> &'static str {
    match code {
        Code::DataRace => include_str!("GR0001.md"),
        Code::Deadlock => include_str!("GR0002.md"),
        Code::Leak => include_str!("GR0003.md"),
        Code::Panic => include_str!("GR0004.md"),
        Code::Misuse => include_str!("GR0005.md"),
        Code::Livelock => include_str!("GR0006.md"),
        Code::Nondeterminism => include_str!("GR0007.md"),
        Code::NothingExplored => include_str!("GR0008.md"),
        Code::Stalled => include_str!("GR0009.md"),
    }
}
