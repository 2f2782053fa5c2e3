//! Where in an execution each task's decisions are, and those that touched each object.

use super::happens_before::{Decision, ROW};
use super::operation::Operation;
use gorace_analyzer_core::{ObjIx, TaskIx};

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// By task.
    lines: Vec<Vec<Decision>>,
    /// By decision: how many decisions each of the first tasks had up to it, itself included.
    so_far: Vec<[u32; ROW]>,
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
        let mut so_far = self.so_far.last().copied().unwrap_or([0; ROW]);
        if let Some(count) = so_far.get_mut(task.at()) {
            *count += 1;
        }
        self.so_far.push(so_far);
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
        self.so_far.truncate(first);
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

    /// How many decisions a task had up to `last`, itself included.
    pub fn so_far(&self, task: TaskIx, last: Decision) -> usize {
        match self.so_far[last].get(task.at()) {
            Some(count) => *count as usize,
            None => self.line(task).partition_point(|k| *k <= last),
        }
    }

    /// The same of each of the first tasks.
    pub fn so_far_each(&self, last: Decision) -> &[u32; ROW] {
        &self.so_far[last]
    }

    /// Those that touched an object.
    pub fn touching(&self, object: ObjIx) -> &[Decision] {
        self.find(object).map_or(&[], |at| self.objects[at].1.as_slice())
    }

    fn find(&self, object: ObjIx) -> Result<usize, usize> {
        self.objects.binary_search_by_key(&object, |(object, _)| *object)
    }
}
