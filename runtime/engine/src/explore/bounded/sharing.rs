//! Which objects several tasks use, as far as executions have shown it.

use crate::AccessKind;
use crate::execution::Execution;
use crate::explore::frontier::{Coded, Reader, coded};
use crate::footprint::{Access, Footprint};
use gorace_analyzer_core::TaskIx;

/// See the module. Objects are known by names that hold in all executions with the same beginning.
#[derive(Debug, Default)]
pub struct Sharing {
    /// Sorted.
    shared: Vec<u64>,
    /// Whether it has grown.
    has_grown: bool,
}

coded! {
    Sharing { shared, has_grown },
}

impl Sharing {
    /// Learns from an execution, and from what was still to be done at its decisions, though perhaps it never was: a timer
    /// that is stopped, a deadline of what is cancelled.
    pub fn learn<'a>(
        &mut self,
        execution: &'a Execution,
        pending: impl Iterator<Item = (TaskIx, &'a Footprint)>,
    ) {
        let mut users: Vec<(u64, TaskIx)> = Vec::new();
        let done = execution.trace.events.iter().map(|event| event.task).zip(execution.footprints());
        for (task, footprint) in done.chain(pending) {
            for access in footprint.accesses() {
                let name = execution.name_of(access);
                match users.binary_search_by_key(&name, |(name, _)| *name) {
                    Ok(at) if users[at].1 == task && access.kind != AccessKind::CountTasks => {}
                    // All start and exit, and only who counts sees it.
                    Ok(_) if is_anonymous(access) => {}
                    Ok(_) => self.add(name),
                    Err(_) if access.kind == AccessKind::CountTasks => self.add(name),
                    Err(at) => users.insert(at, (name, task)),
                }
            }
        }
    }

    fn add(&mut self, name: u64) {
        if let Err(at) = self.shared.binary_search(&name) {
            self.shared.insert(at, name);
            self.has_grown = true;
        }
    }

    /// Whether several tasks use the object.
    pub fn is_shared(&self, name: u64) -> bool {
        self.shared.binary_search(&name).is_ok()
    }

    /// Whether it has grown since the last time that this was asked.
    pub fn take_growth(&mut self) -> bool {
        std::mem::take(&mut self.has_grown)
    }
}

fn is_anonymous(access: Access) -> bool {
    access.object == crate::footprint::ALL_TASKS && access.kind != AccessKind::CountTasks
}
