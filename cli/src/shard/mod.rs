//! Shards: which part of the work one process of several does, and what it leaves so that the parts can be put together.

mod engines;
mod manifest;
mod part;
mod sum;

pub use engines::{Shard, asked, chosen};
pub use manifest::{Manifest, all_fit};
pub use part::Part;
pub use sum::{add, keep_shortest};
