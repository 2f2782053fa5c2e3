//! Stacks and the switch between them.
//!
//! A task's code runs on a stack of its own. Its only way out is [`suspend`], which hands the scheduler what to do
//! next, [`end_overflowed`], or [`Handle::hand_over`]; its only ways in are [`Handle::resume`] and another task's `hand_over`.

mod image;
#[cfg(all(target_arch = "x86_64", unix, not(gorace_portable)))]
mod memory;
#[cfg(all(target_arch = "x86_64", unix, not(gorace_portable)))]
mod native;
#[cfg(any(gorace_portable, not(all(target_arch = "x86_64", unix))))]
mod portable;
mod reserve;
mod what;

pub(crate) use image::Here;
#[cfg(all(target_arch = "x86_64", unix, not(gorace_portable)))]
pub(crate) use native::{
    Escape, Handle, Stack, StackPool, end_overflowed, escape_overflow, open_reserve, suspend,
};
#[cfg(any(gorace_portable, not(all(target_arch = "x86_64", unix))))]
pub(crate) use portable::{Handle, Stack, StackPool, end_overflowed, escape_overflow, open_reserve, suspend};
pub(crate) use reserve::is_touched;
pub(crate) use what::{Back, Switch};
