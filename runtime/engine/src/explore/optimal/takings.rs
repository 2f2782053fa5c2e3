//! Whether so many take away from a wait group's counter that one more would take too much.
//!
//! What takes one away of many commutes with others of its kind; of the last, it does not. How many there are when it is run
//! hangs on all that are run before it: those of a reversal's sequence, and those that are not part of it and were gone past.

use super::reversal::{Context, Reversal};
use crate::AccessKind;
use gorace_analyzer_core::ObjIx;

impl Reversal<'_> {
    /// Whether one that takes one away from this counter, beside the sequence, leaves too little to what is left of it.
    ///
    /// What adds to the counter, and is left, depends on it anyway.
    pub(super) fn is_too_much(&self, counter: ObjIx) -> bool {
        let Context { order, first, .. } = self.context;
        let touching = order.lines().touching(counter);
        let since = &touching[touching.partition_point(|k| *k < first)..];
        let Some((there, _)) = since.iter().find_map(|k| order.counted(*k)) else { return false };
        let (mut added, mut taken, mut is_left) = (usize::from(there), 1, false);
        for k in since.iter().copied().filter(|k| self.is_part(*k)) {
            let (Some(touched), Some((_, by))) = (self.touched(k), order.counted(k)) else { continue };
            if touched.takes_from() == Some(counter) {
                taken += usize::from(by.get());
                is_left |= self.is_left(k);
            } else if touched.accesses().any(|access| access.kind == AccessKind::WgAdd) {
                added += usize::from(by.get());
            }
        }
        let beside = self.taken.iter().filter(|taken| **taken == counter).count();
        is_left && added < taken + beside
    }
}
