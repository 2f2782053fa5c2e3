//! Checking a closure: every interleaving that the budget allows, judged, confirmed and reported.

mod backtrace;
mod checker;
mod confirm;
pub(crate) mod env;
mod execute;
mod jobs;
mod leaves;
mod minimal;
mod nearest;
mod observe;
mod options;
mod origin;
mod outcome;
mod pace;
mod pieces;
mod progress;
mod rearrange;
mod render;
mod resume;
mod session;
mod shares;
mod shorten;
mod slow;
mod stop;
mod store;
#[cfg(test)]
mod tests;
mod unknown;

pub(crate) use backtrace::capture;
pub use checker::{Checker, check};
pub(crate) use env::Environment;
pub use env::{Clock, SettingError};
pub use gorace_analyzer::{Limit, Verdict};
pub use gorace_engine::explore::Strategy;
pub(crate) use options::{Level, Options};
pub(crate) use origin::Origin;
pub use outcome::{Finding, Location, Outcome};
pub(crate) use session::Session;
pub(crate) use store::target_name;
