//! Memory of what each goroutine has, used again by the next: its task, its code, what it leaves behind.

mod arena;
mod blocks;
mod code;
mod shared;

pub(crate) use code::Code;
pub use shared::Shared;
pub(crate) use shared::{Tasks, each_task};
