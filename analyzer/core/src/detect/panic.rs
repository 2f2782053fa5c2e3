//! GR0004 and GR0005: panics that nobody took, stack overflows, and what an object forbids.
//!
//! Misses nothing in the executions that were run. Reports nothing false: a panic that was given to `join`
//! is none, and neither is one that the program itself caught.

use crate::finding::FindingKind;
use crate::ids::TaskIx;
use crate::trace::{TaskEnd, Trace};

/// Appends a finding for each task of `trace` that died.
pub fn panics(trace: &Trace, findings: &mut Vec<FindingKind>) {
    for (i, task) in trace.tasks.iter().enumerate() {
        let ix = TaskIx(i as u32);
        match &task.end {
            TaskEnd::Panicked { misuse: Some(words), .. } => {
                findings.push(FindingKind::Misuse { task: ix, words });
            }
            TaskEnd::Panicked { taken: false, .. } | TaskEnd::Overflowed => {
                findings.push(FindingKind::Panic { task: ix });
            }
            _ => {}
        }
    }
}
