//! Drawing: a worded [`Report`](crate::describe::Report) as text or as a line of JSON. Nothing is worded here.

pub mod colour;
mod fit;
mod go;
#[cfg(feature = "files")]
mod json;
mod palette;
mod text;
mod timeline;
mod width;

pub use go::go;
#[cfg(feature = "files")]
pub use json::{json_finding, json_summary, json_total};
#[cfg(feature = "files")]
pub(crate) use text::grown;
pub use text::{TextOptions, text};

/// Enough of an id for a person; any unique prefix is accepted.
fn short(id: &str) -> &str {
    id.get(..8).unwrap_or(id)
}
