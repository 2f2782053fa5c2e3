//! The engine against theory, the oracle's counts, and a reference that shares nothing with it.

mod commute;
mod determinism;
mod driver;
mod generate;
mod oracle;
mod outcomes;
mod program;
mod reference;
mod spurious;
mod table;
mod tokens;
mod traces;
mod view;
