//! The engine against theory, the oracle's counts, and a reference that shares nothing with it.

mod bounded;
mod commute;
mod determinism;
mod divided;
mod driver;
mod estimate;
mod generate;
mod guarded;
mod large;
mod optimal;
mod oracle;
mod outcomes;
mod parts;
mod portfolio;
mod predictions;
mod program;
mod reference;
mod resume;
mod spurious;
mod strategies;
mod table;
mod tokens;
mod traces;
mod view;

/// How much a test of random programs does.
fn variable(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |text| text.parse().expect(name))
}
mod words;
