//! Where in an execution each task's decisions are, and those that touched each object.

use super::happens_before::Decision;
use super::operation::Operation;
use gorace_analyzer_core::{ObjIx, TaskIx};

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// By task.
    lines: Vec<Vec<Decision>>,
    /// Sorted by object.
    objects: Vec<(ObjIx, Vec<Decision>)>,
}

impl Index {
    /// Adds the decision that comes next.
    pub fn push(&mut self, decision: Decision, Operation { task, footprint, .. }: &Operation) {
        if self.lines.len() <= task.at() {
            self.lines.resize(task.at() + 1, Vec::new());
        }
        self.lines[task.at()].push(decision);
        for access in footprint.accesses() {
            let at = self.find(access.object).unwrap_or_else(|at| {
                self.objects.insert(at, (access.object, Vec::new()));
                at
            });
            let touching = &mut self.objects[at].1;
            if touching.last() != Some(&decision) {
                touching.push(decision);
            }
        }
    }

    /// Takes all decisions from `first` on back.
    pub fn forget_from(&mut self, first: Decision) {
        for list in self.lines.iter_mut().chain(self.objects.iter_mut().map(|(_, touching)| touching)) {
            while list.pop_if(|decision| *decision >= first).is_some() {}
        }
    }

    /// How many tasks there are, as far as any has decisions.
    pub fn tasks(&self) -> usize {
        self.lines.len()
    }

    /// The decisions of a task.
    pub fn line(&self, task: TaskIx) -> &[Decision] {
        self.lines.get(task.at()).map_or(&[], Vec::as_slice)
    }

    /// Those that touched an object.
    pub fn touching(&self, object: ObjIx) -> &[Decision] {
        self.find(object).map_or(&[], |at| self.objects[at].1.as_slice())
    }

    fn find(&self, object: ObjIx) -> Result<usize, usize> {
        self.objects.binary_search_by_key(&object, |(object, _)| *object)
    }
}
