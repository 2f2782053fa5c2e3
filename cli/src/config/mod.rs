//! The configuration: `.config/gorace.toml`, its profiles and its rules. Nothing here acts: a profile's values reach
//! checks as variables, and rules are applied by the gate.

mod effective;
mod file;
mod key;
mod position;
mod rule;

pub use effective::{Effective, Origin};
pub use file::Config;
pub use key::{KEYS, Key};
#[cfg(test)]
pub use rule::RULE_KEYS;
pub use rule::Rule;
