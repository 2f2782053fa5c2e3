//! The gate: what a run's findings are worth to whoever has to let a change in. Red on a new finding, quiet on known
//! ones, never green because nothing was tested.

mod baseline;
mod expected;
mod judgement;
mod platform;
mod ran;
mod regressions;

pub use baseline::Baseline;
pub use expected::is_unfinished;
pub use judgement::{Judgement, Policy, judge, standings};
pub use platform::Platform;
pub use ran::Ran;
pub use regressions::Regressions;
