//! What is decided between executions: the next plan, from what the ones before it showed.

mod depth_first;
mod explorer;

pub use depth_first::DepthFirst;
pub use explorer::{Budget, Class, Explorer, Strategy};
