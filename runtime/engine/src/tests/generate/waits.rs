//! Operations that wait for time, or for a call: timers, contexts, words of memory, tokens and wakers.

use super::Line;
use crate::tests::program::{SelectArm, Stmt, TICKS, own_context};

impl Line<'_> {
    /// One timer of a channel's, and timeouts; the deadlines differ by task, so that few are equal.
    pub(super) fn time(&mut self) {
        let nanos = 10 * (1 + self.random.below(3) as u64);
        match self.random.below(10) {
            0 => self.push(Stmt::Sleep(nanos)),
            9 => self.push(Stmt::Now),
            1 if self.task == 0 && !self.armed => {
                self.armed = true;
                self.push(Stmt::Arm(nanos));
            }
            1 if nanos == 10 => self.push(self.tick()),
            1 | 2 => self.push(self.try_tick()),
            3 => self.push(Stmt::StopTimer),
            4 => {
                self.push(Stmt::Lock(0));
                self.push(if nanos > 20 { Stmt::Wait(0, 0) } else { Stmt::WaitTimeout(0, 0, nanos) });
            }
            5 if nanos > 20 => self.push(Stmt::NotifyOne(0)),
            5 => self.push(Stmt::NotifyAll(0)),
            6 => self.push(Stmt::ParkTimeout(nanos)),
            7 => {
                let other = (self.task + 1 + self.random.below(self.tasks - 1)) % self.tasks;
                self.push(Stmt::Unpark(other));
            }
            _ => self.register(),
        }
    }

    /// The first task starts them; what the last one does, which a timer starts, is about memory alone.
    pub(super) fn timer(&mut self) {
        let nanos = 10 * (1 + self.random.below(2) as u64);
        match self.random.below(9) {
            _ if self.is_called() => self.register(),
            0 if self.task == 0 && !self.armed => {
                self.armed = true;
                self.push(Stmt::Arm(nanos));
            }
            0 | 1 => self.push(self.try_tick()),
            2 => self.push(self.tick()),
            3 => self.push(Stmt::StopTimer),
            4 => self.push(Stmt::ResetTimer(nanos)),
            5 | 6 if self.is_last_called && self.task == 0 && !self.has_child => {
                self.has_child = true;
                self.push(Stmt::AfterFunc(nanos));
            }
            5 | 6 => self.push(Stmt::StopFunc),
            7 => self.push(Stmt::Now),
            _ => self.register(),
        }
    }

    /// The first task may set one's deadline, or say what is started by one.
    pub(super) fn context(&mut self) {
        if self.is_called() {
            return self.register();
        }
        let own = self.has_context.then(|| own_context(self.task));
        let x = own.filter(|_| self.random.below(2) == 0).unwrap_or(self.random.below(2));
        let stmt = match self.random.below(9) {
            7 if !self.has_context => {
                self.has_context = true;
                Stmt::NewContext(x)
            }
            8 if self.is_last_called && self.task == 0 && !self.has_child => {
                self.has_child = true;
                Stmt::AfterCancel(x)
            }
            // Nobody else has what stops it.
            8 if self.has_child => Stmt::StopAfterCancel(self.random.below(2)),
            0 | 1 => Stmt::Cancel(x),
            2 | 3 => Stmt::ContextErr(x),
            4 => Stmt::TryDone(x),
            5 if self.task == 0 && !self.armed => {
                self.armed = true;
                Stmt::Deadline(x, 10 * self.random.below(3) as u64)
            }
            _ => Stmt::Done(x),
        };
        self.push(stmt);
    }

    /// Waits that end by a value, by a tick, or by a context.
    pub(super) fn timeout(&mut self) {
        let (c, x) = (self.random.below(2), self.random.below(2));
        let value = (self.task * 10 + self.stmts.len()) as i64 + 100;
        let nanos = 10 * (1 + self.random.below(2) as u64);
        let stmt = match self.random.below(12) {
            0 | 1 if self.task == 0 && !self.armed => {
                self.armed = true;
                Stmt::Arm(nanos)
            }
            2 if self.task == 0 && !self.has_child => {
                self.has_child = true;
                Stmt::Deadline(x, nanos)
            }
            0 => Stmt::TryRecv(TICKS),
            1 => Stmt::StopTimer,
            2 | 3 => Stmt::Cancel(x),
            4 => Stmt::Recv(TICKS + 1 + x),
            5 => Stmt::Send(c, value),
            6 => Stmt::Recv(c),
            _ => {
                let all = [
                    SelectArm::Recv(c),
                    SelectArm::Send(1 - c, value),
                    SelectArm::Recv(TICKS),
                    SelectArm::Recv(TICKS + 1 + x),
                ];
                let arms: Vec<_> = all.into_iter().filter(|_| self.random.below(2) == 0).collect();
                let default = arms.is_empty() || self.random.below(5) == 0;
                Stmt::Select(arms, default)
            }
        };
        self.push(stmt);
    }

    /// Words that are mostly what who waits expects them to be.
    pub(super) fn word(&mut self) {
        let w = self.random.below(2);
        let stmt = match self.random.below(10) {
            0 => Stmt::WordRead(w),
            1 => Stmt::WordWrite(w, self.random.below(2) as i64),
            2 => Stmt::WordAdd(w, 1),
            3 | 4 => Stmt::WordWait(w, 0),
            5 => Stmt::WordWaitTimeout(w, 0, 10 * (1 + self.random.below(2) as u64)),
            6 => Stmt::Now,
            7 => Stmt::WordWake(w, 2),
            _ => Stmt::WordWake(w, 1),
        };
        self.push(stmt);
    }

    fn try_tick(&self) -> Stmt {
        if self.times_out { Stmt::TryRecv(TICKS) } else { Stmt::TryTick }
    }

    fn tick(&self) -> Stmt {
        if self.times_out { Stmt::Recv(TICKS) } else { Stmt::Tick }
    }

    /// Whether this is the task that a timer or a context starts.
    fn is_called(&self) -> bool {
        self.is_last_called && self.task + 1 == self.tasks
    }

    pub(super) fn parking(&mut self) {
        let other = (self.task + 1 + self.random.below(self.tasks - 1)) % self.tasks;
        match self.random.below(4) {
            0 => self.push(Stmt::Park),
            1 | 2 => self.push(Stmt::Unpark(other)),
            _ => self.register(),
        }
    }

    /// Nobody calls his own, which is to let the others go on first.
    pub(super) fn waker(&mut self) {
        let other = (self.task + 1 + self.random.below(self.tasks - 1)) % self.tasks;
        match self.random.below(5) {
            0 | 1 => self.push(Stmt::Poll),
            2 | 3 => self.push(Stmt::Wake(other)),
            _ => self.register(),
        }
    }
}
