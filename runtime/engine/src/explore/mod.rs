//! What is decided between executions: the next plan, from what the ones before it showed.

mod depth_first;
mod explorer;
mod optimal;
mod portfolio;
mod strategy;

pub(crate) use depth_first::DepthFirst;
pub use explorer::{Budget, Class, Explorer};
pub(crate) use optimal::Optimal;
pub use strategy::Strategy;
