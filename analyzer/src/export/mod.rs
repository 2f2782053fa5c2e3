//! What the tools of teams read of a run: SARIF, JUnit, annotations, code quality, cargo's messages. Nothing is
//! worded here, and nothing is judged: findings come as [`Report`](crate::describe::Report)s, each with where it
//! stands for whoever runs the gate.
//!
//! Only the command line compiles this. What comes from programs (names, messages, sources) is escaped as each format
//! asks for, so that no finding can forge another or give orders to the machine that reads it.

mod cargo;
mod chrome;
mod dot;
mod github;
mod gitlab;
mod html;
mod junit;
mod paths;
mod region;
mod run;
mod sarif;
mod story;
mod summary;

pub use cargo::{CargoTarget, cargo_message};
pub use chrome::chrome;
pub use dot::dot;
pub use github::github;
pub use gitlab::gitlab;
pub use html::html;
pub use junit::junit;
pub use paths::Paths;
pub use run::{Found, Run, Standing};
pub use sarif::sarif;
pub use summary::{SUMMARY_LIMIT, summary};
