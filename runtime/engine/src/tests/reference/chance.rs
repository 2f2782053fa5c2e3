//! What may happen without a step of any of the program's tasks.

use super::{At, Spurious, State};
use crate::tests::program::{Program, Stmt, Val, next_of};

impl State {
    /// What main and the children of tasks may do, which nobody but a count sees.
    pub(super) fn elsewhere(&self) -> Vec<State> {
        let mut all = Vec::new();
        if self.main <= self.at.len() {
            all.push(State { main: self.main + 1, ..self.clone() });
        }
        if self.children > 0 {
            all.push(State { children: self.children - 1, ..self.clone() });
        }
        all
    }

    /// What may happen to `task` for no reason.
    pub(super) fn let_down(&self, program: &Program, task: usize) -> Option<State> {
        let mut next = self.clone();
        let (by, value) = match self.at[task] {
            _ if !program.spurious => return None,
            At::Finished => return None,
            At::Parked => {
                let c = self.waiting.iter().position(|waiting| waiting.contains(&task))?;
                next.waiting[c].retain(|other| *other != task);
                self.may_be_let_down[task].then_some((Spurious::Condvar(c), Val::Unit))?
            }
            At::Running => match next_of(program, task, &self.results[task])? {
                Stmt::Park if !self.tokens[task] => (Spurious::Token, Val::Unit),
                Stmt::Poll if !self.woken[task] => (Spurious::Waker, Val::Unit),
                Stmt::Cas(x, expected, _) if self.registers[x] == expected => {
                    (Spurious::Register(x), Val::Bool(false))
                }
                _ => return None,
            },
        };
        if !next.let_down[task].insert(by) {
            return None;
        }
        next.give(task, value);
        Some(next)
    }
}
