//! `AtomicBool`, with std's signatures.

use crate::inside::context::{Inside, inside};
use crate::inside::slot::Slot;
use crate::inside::statics;
use crate::sync::atomic::Ordering;
use crate::sync::atomic::base::{atomic, check_load, check_store, fetch, value, word};
use gorace_analyzer::{ObjIx, ObjectKind, Place};
use gorace_engine::{Op, Reply, RmwKind, Width};
use std::fmt;

atomic! {
    /// An atomic `bool`.
    AtomicBool[] bool, false, Width { bits: 1, signed: false }, |value: bool| u64::from(value), |bits: u64| bits != 0
}
fetch! {
    AtomicBool, bool:
    /// Logical and; gives the old value.
    fetch_and And,
    /// Logical not-and; gives the old value.
    fetch_nand Nand,
    /// Logical or; gives the old value.
    fetch_or Or,
    /// Logical exclusive or; gives the old value.
    fetch_xor Xor,
}

impl AtomicBool {
    /// Logical not; gives the old value.
    #[inline]
    #[track_caller]
    pub fn fetch_not(&self, order: Ordering) -> bool {
        self.fetch_xor(true, order)
    }
}
