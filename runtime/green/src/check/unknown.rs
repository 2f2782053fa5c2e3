//! Variables that look like gorace's and are none: what they were to change stays as it is, and so it is told.

use crate::check::Environment;
use crate::check::store::say;
use gorace_analyzer::Listed;
use gorace_analyzer::variables;
use std::sync::Once;

/// Tells of them once a process, unless the command line has started it, which has told already.
pub(crate) fn tell(environment: &Environment) {
    static TOLD: Once = Once::new();
    if environment.run.is_some() {
        return;
    }
    TOLD.call_once(|| {
        let set = std::env::vars_os().filter(|(_, value)| !value.is_empty());
        let set: Vec<String> = set.filter_map(|(name, _)| name.into_string().ok()).listed();
        for sentence in variables::unknown(set.iter().map(String::as_str)) {
            say(format_args!("warning: {sentence}"));
        }
    });
}
