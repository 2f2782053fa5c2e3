//! The tasks that have code to run before anything is decided, first come, first served.

use gorace_analyzer_core::TaskIx;
use std::collections::VecDeque;

/// See the module. There is hardly ever more than one, who lies in place.
#[derive(Default)]
pub(crate) struct Going {
    first: Option<TaskIx>,
    /// Nobody if there is no first one.
    more: VecDeque<TaskIx>,
}

impl Going {
    pub fn clear(&mut self) {
        self.first = None;
        self.more.clear();
    }

    #[inline]
    pub fn push(&mut self, task: TaskIx) {
        match self.first {
            None => self.first = Some(task),
            Some(_) => self.more.push_back(task),
        }
    }

    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    pub fn contains(&self, task: TaskIx) -> bool {
        self.first == Some(task) || self.more.contains(&task)
    }

    #[inline]
    pub fn pop(&mut self) -> Option<TaskIx> {
        let task = self.first?;
        self.first = if self.more.is_empty() { None } else { self.more.pop_front() };
        Some(task)
    }
}
