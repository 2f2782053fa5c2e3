//! What is decided between executions: the next plan, from what the ones before it showed.

mod depth_first;
mod explorer;
mod optimal;
mod shorten;

pub(crate) use depth_first::DepthFirst;
pub use explorer::{Budget, Class, Explorer, Strategy};
pub(crate) use optimal::Optimal;
pub use shorten::{Cost, shorten};
