//! What is decided between executions: the next plan, from what the ones before it showed.

mod bounded;
mod depth_first;
mod divide;
mod explorer;
mod frontier;
mod leaves;
pub(crate) mod optimal;
mod portfolio;
mod predict;
mod search;
mod share;
mod shorten;
mod strategy;
mod worth;

pub(crate) use bounded::Bounded;
pub(crate) use depth_first::DepthFirst;
pub use explorer::{Budget, Class, Explorer};
pub use frontier::{Beginning, FrontierError, ResumeFile, ResumeFileError, SearchLeft, ShareOf};
pub use leaves::Leaves;
pub(crate) use optimal::Optimal;
pub use optimal::{Analysis, Ran, Spare};
#[cfg(test)]
pub(crate) use optimal::{ELSEWHERE, HappensBefore, Kept};
pub use share::{Share, Work};
pub use shorten::{Cost, left_earlier, shorten};
pub use strategy::Strategy;
pub use worth::{LEAST, trust};
