//! The engine's execution, which notes what drives it where another process is to come to the same.

use crate::wire::{Call, word_spec};
use gorace_analyzer_core::{ObjIx, Place, TaskIx, Trace};
use gorace_engine::{Execution, Next, Op, Plan, Settled};
use std::ops::Deref;

/// See the module.
#[derive(Default)]
pub struct Driven {
    execution: Execution,
    /// `None` where they are not noted.
    calls: Option<Vec<Call>>,
}

impl Deref for Driven {
    type Target = Execution;

    fn deref(&self) -> &Execution {
        &self.execution
    }
}

impl Driven {
    /// As [`Execution::begin`].
    pub fn begin(&mut self, plan: &Plan, notes_calls: bool) {
        self.calls = notes_calls.then(Vec::new);
        self.execution.begin(plan);
    }

    /// As [`Execution::new_task`], without a name.
    pub fn new_task(&mut self, parent: TaskIx) -> TaskIx {
        self.note(Call::Task { parent });
        self.execution.new_task(parent, None)
    }

    /// As [`Execution::register`], for a word; `made` is what words of one place have in common.
    pub fn register(&mut self, task: TaskIx, made: u32) -> ObjIx {
        self.note(Call::Word { task, made });
        self.execution.register(task, word_spec(made))
    }

    /// As [`Execution::arrive`].
    pub fn arrive(&mut self, task: TaskIx, op: Op, place: Place) {
        self.note(Call::Arrive { task, op });
        self.execution.arrive(task, op, place);
    }

    /// As [`Execution::next`].
    pub fn go_on(&mut self) -> Next {
        self.note(Call::Next);
        self.execution.next()
    }

    /// As [`Execution::settle_word`].
    pub fn settle_word(&mut self, task: TaskIx, word: ObjIx, settled: Settled) {
        self.note(Call::Settle { task, word, settled });
        self.execution.settle_word(task, word, settled);
    }

    /// As [`Execution::wait_on`].
    pub fn wait_on(&mut self, task: TaskIx, word: ObjIx, bits: u32, nanos: Option<u64>) {
        self.note(Call::Wait { task, word, bits, nanos });
        self.execution.wait_on(task, word, bits, nanos);
    }

    /// As [`Execution::trace`].
    pub fn trace(&mut self) -> &Trace {
        self.execution.trace()
    }

    /// What was noted; `None` if nothing was to be.
    pub fn take_calls(&mut self) -> Option<Vec<Call>> {
        self.calls.take()
    }

    fn note(&mut self, call: Call) {
        if let Some(calls) = &mut self.calls {
            calls.push(call);
        }
    }
}
