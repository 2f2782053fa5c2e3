//! Operations on words of the program's own memory: performed in two parts, with the program's code between.

use super::{Tasks, value};
use crate::tests::program::{Stmt, Val};
use crate::{Execution, Settled};
use gorace_analyzer_core::TaskIx;

impl Tasks<'_> {
    /// Whether the task has looked at a word, and now waits for it to change.
    pub(super) fn begins_to_wait(&mut self, execution: &mut Execution, task: TaskIx) -> bool {
        let at = task.at() - 1;
        let (word, expected, nanos) = match self.last[at] {
            Some(Stmt::WordWait(word, expected)) => (word, expected, None),
            Some(Stmt::WordWaitTimeout(word, expected, nanos)) => (word, expected, Some(nanos)),
            _ => return false,
        };
        if self.waits[at] || self.memory[word] != expected {
            return false;
        }
        self.waits[at] = true;
        let word = self.objects.words[word].get(execution, task);
        execution.settle_word(task, word, Settled::Read(expected as u64));
        execution.wait_on(task, word, 1, nanos);
        true
    }

    /// What an operation on a word comes to, now that it was performed.
    pub(super) fn settle(&mut self, execution: &mut Execution, task: TaskIx, stmt: &Stmt) -> Val {
        let was_waiting = std::mem::take(&mut self.waits[task.at() - 1]);
        let (word, settled, value) = match *stmt {
            Stmt::WordWrite(word, value) => {
                self.memory[word] = value;
                (word, Settled::Wrote(value as u64), Val::Unit)
            }
            Stmt::WordAdd(word, by) => {
                let before = self.memory[word];
                self.memory[word] += by;
                (word, Settled::Updated(before as u64, self.memory[word] as u64), Val::Int(before))
            }
            Stmt::WordWait(..) | Stmt::WordWaitTimeout(..) if was_waiting => {
                return value(stmt, execution.reply(task));
            }
            Stmt::WordRead(word) => {
                (word, Settled::Read(self.memory[word] as u64), Val::Int(self.memory[word]))
            }
            Stmt::WordWait(word, _) | Stmt::WordWaitTimeout(word, ..) => {
                (word, Settled::Read(self.memory[word] as u64), Val::WouldBlock)
            }
            _ => panic!("{stmt:?} is not about a word"),
        };
        let word = self.objects.words[word].get(execution, task);
        execution.settle_word(task, word, settled);
        value
    }
}
