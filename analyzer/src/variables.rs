//! The environment variables that gorace obeys, by name, so that one which is misspelt is told and not passed over.

use crate::suggest::near;
use gorace_analyzer_core::Listed;

/// Those that somebody sets, and those by which the command line talks with what it starts.
pub const NAMES: &[&str] = &[
    "GORACE_ANNOTATIONS",
    "GORACE_ASCII",
    "GORACE_BASELINE",
    "GORACE_CLOCK",
    "GORACE_COLOR",
    "GORACE_CONFIG_FILE",
    "GORACE_DEFER",
    "GORACE_EXPLORE",
    "GORACE_JOBS",
    "GORACE_KEEP_GOING",
    "GORACE_MAX_EXECUTIONS",
    "GORACE_MAX_PREEMPTIONS",
    "GORACE_MAX_STEPS",
    "GORACE_MESSAGE_FORMAT",
    "GORACE_NO_TIMES",
    "GORACE_OUT_DIR",
    "GORACE_PROFILE",
    "GORACE_PROGRESS",
    "GORACE_REGRESSIONS",
    "GORACE_REPLAY",
    "GORACE_REPORT",
    "GORACE_REQUIRE_COMPLETE",
    "GORACE_RESUME",
    "GORACE_RESUME_ANEW",
    "GORACE_RUN",
    "GORACE_SEED",
    "GORACE_SHARD",
    "GORACE_SHOW_OUTPUT",
    "GORACE_SPURIOUS",
    "GORACE_STACK_SIZE",
    "GORACE_STALL",
    "GORACE_STOP",
    "GORACE_STRATEGY",
    "GORACE_STRICT_BASELINE",
    "GORACE_TIMEOUT",
    "GORACE_VERBOSE",
];

/// How names begin that are gorace's, whatever follows: between its processes, and in its own tests.
pub const GROUPS: &[&str] = &["GORACE_INJECT_", "GORACE_WRAPPER_", "GORACE_FUZZ_", "GORACE_TESTS_"];

/// Before the name of a variable, behind `GORACE_`, that a profile sets.
const DEFAULT: &str = "GORACE_DEFAULT_";

/// What there is to say of the `set` variables that look like gorace's and are none, in order: a sentence each.
///
/// ```
/// let said = gorace_analyzer::variables::unknown(["GORACE_MAX_EXECUTION", "GORACE_SEED", "PATH"]);
/// assert_eq!(said, ["GORACE_MAX_EXECUTION is no variable of gorace's and says nothing: did you mean `GORACE_MAX_EXECUTIONS`?"]);
/// ```
pub fn unknown<'a>(set: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut unknown: Vec<&str> = set.into_iter().filter(|name| looks_like_ours(name)).listed();
    unknown.sort_unstable();
    let sentence = |name: &&str| {
        let hint = match near(name, NAMES.iter().copied()).first() {
            Some(near) => format!("did you mean `{near}`?"),
            None => "docs/REFERENCE.md lists them".to_owned(),
        };
        format!("{name} is no variable of gorace's and says nothing: {hint}")
    };
    unknown.iter().map(sentence).listed()
}

fn looks_like_ours(name: &str) -> bool {
    let plain = name.strip_prefix(DEFAULT).map(|key| format!("GORACE_{key}"));
    let plain = plain.as_deref().unwrap_or(name);
    plain.starts_with("GORACE_")
        && !NAMES.contains(&plain)
        && !GROUPS.iter().any(|group| plain.starts_with(group))
}

#[cfg(test)]
mod tests {
    use super::{NAMES, unknown};

    #[test]
    fn what_is_ours_or_nobodys_is_not_told() {
        assert!(unknown(NAMES.iter().copied()).is_empty());
        let others = ["GORACE", "GO_RACE", "PATH", "GORACE_DEFAULT_SEED", "GORACE_INJECT_TRACE", ""];
        assert!(unknown(others).is_empty());
    }

    #[test]
    fn a_name_that_is_near_to_none_is_told_as_well() {
        let said = unknown(["GORACE_WHATEVER_IT_IS", "GORACE_DEFAULT_SED"]);
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(said[0].starts_with("GORACE_DEFAULT_SED is no variable"), "{said:?}");
        assert!(said[1].ends_with("docs/REFERENCE.md lists them"), "{said:?}");
    }
}
