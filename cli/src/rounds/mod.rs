//! Explorations in rounds on several machines: what is left is divided into shares, each is explored anywhere, and what
//! came of them is joined.
//!
//! A round's folder holds `1` to `N`, one for each share, and `rest` for what nobody was given; in each of them `resume`
//! holds a file for each test, as `gorace test --resume` leaves it.

mod divide;
mod files;
mod join;
#[cfg(test)]
mod tests;

pub use divide::divide;
pub use files::{REST, RESUME, damaged, of_folder, share_folder};
pub use join::{Joined, join};
