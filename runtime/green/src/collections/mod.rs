//! Hash tables that are the same in every execution, and Go's map.
//!
//! Without the feature `check` the std-shaped names are std's.

#[cfg(feature = "check")]
mod hash_map;
#[cfg(feature = "check")]
mod hash_set;
mod map;

#[cfg(feature = "check")]
pub use self::{
    hash_map::{FixedState, HashMap},
    hash_set::HashSet,
};
pub use map::Map;
#[cfg(not(feature = "check"))]
pub use std::collections::{HashMap, HashSet};
