//! A bound on preemptions beside a strategy that keeps none: said before anything is built. What a profile or a test says
//! below a strategy from above is lost, as anything is that something from above speaks against.

use crate::Exit;
use crate::args::Explore;
use crate::config::{Effective, Origin};
use crate::error::{CliError, Outcome};
use gorace_engine::explore::Strategy;

/// See the module.
///
/// # Errors
/// If a bound is given that nothing keeps.
pub fn check(explore: &Explore, effective: &Effective) -> Outcome<()> {
    let configured = |name: &str| effective.values.iter().find(|(key, ..)| key.name == name);
    let (_, word, strategy_from) = configured("strategy").ok_or_else(no_key)?;
    let (_, bound, bound_from) = configured("max-preemptions").ok_or_else(no_key)?;
    let bound = explore.max_preemptions.map_or_else(|| bound.clone(), |bound| bound.to_string());
    let strategy = explore.strategy.clone().or_else(|| Strategy::from_word(word)).unwrap_or_default();
    if bound.is_empty() || strategy.is_search() {
        return Ok(());
    }
    let is_of_profile = |origin: &Origin| matches!(origin, Origin::Profile { .. });
    let bound_is_flag = explore.max_preemptions.is_some();
    let (named, hint) = match bound_from {
        _ if bound_is_flag => ("--max-preemptions", "leave it out, or search: --strategy exhaustive"),
        Origin::Profile { .. } if explore.strategy.is_some() || !is_of_profile(strategy_from) => {
            eprintln!(
                "gorace: the profile's max-preemptions = {bound} is for searches: {strategy} keeps no bound"
            );
            return Ok(());
        }
        Origin::Profile { .. } => ("max-preemptions", "take one of the two out of the profile"),
        _ => ("GORACE_MAX_PREEMPTIONS", "unset it, or search: --strategy exhaustive"),
    };
    let exit = if bound_is_flag || explore.strategy.is_some() {
        Exit::BadCommandLine
    } else {
        Exit::BadConfiguration
    };
    let message =
        format!("invalid {named}: expected the strategy auto or exhaustive, which keep it, got `{strategy}`");
    Err(CliError::new(exit, message).hint(hint))
}

fn no_key() -> CliError {
    CliError::new(Exit::Internal, "a key of the configuration is missing")
}
