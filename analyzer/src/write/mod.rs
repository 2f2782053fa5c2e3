//! Drawing: a worded [`Report`](crate::describe::Report) as text or as a line of JSON. Nothing is worded here.

pub mod colour;
#[cfg(feature = "files")]
mod json;
mod palette;
mod text;
mod timeline;

#[cfg(feature = "files")]
pub use json::{json_finding, json_summary, json_total};
pub use text::{TextOptions, text};
