//! Tests that should have been explored and were not, or not enough to say anything.

use gorace_analyzer::Verdict;
use gorace_analyzer::record::RunResult;
use gorace_analyzer::verdict::Stopped;

/// Whether the test began and its process ended before the test did.
pub fn is_unfinished(result: &RunResult) -> bool {
    // One that stops itself says why, and so does one that did not begin.
    let says_why = result.misfit.is_some() || result.notes.iter().any(|note| note.starts_with("stopped:"));
    result.stopped == Stopped::Interrupted && !says_why
}

/// Why the test has seen one interleaving alone, if its own bounds are why.
pub fn only_one(result: &RunResult) -> Option<String> {
    // Of one shard, others have run more.
    let is_alone = result.shard.is_none();
    if result.executions > 1 || !result.findings.is_empty() || is_unfinished(result) || !is_alone {
        return None;
    }
    match (result.stopped, result.verdict) {
        (Stopped::MaxExecutions, _) => Some("max_executions".to_owned()),
        (Stopped::Timeout, _) => Some("timeout".to_owned()),
        (_, Verdict::VerifiedUpTo { preemptions: 0 }) => Some("max_preemptions = 0".to_owned()),
        _ => None,
    }
}
