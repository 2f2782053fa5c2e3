//! One step of one task.

use super::{Alarm, At, Spurious, State, What};
use crate::tests::program::{OnceEnd, Program, SelectArm, Stmt, Val, next_of, own_context};

impl State {
    fn is_closed(&self, task: usize) -> bool {
        self.closed[task] || self.at[task] == At::Finished
    }

    /// The states that one step of `task` may lead to; none if it cannot go on.
    pub(super) fn step(&self, program: &Program, task: usize) -> Vec<State> {
        if self.at[task] != At::Running || task >= self.main {
            return Vec::new();
        }
        let Some(stmt) = next_of(program, task, &self.results[task]) else {
            let mut next = self.clone();
            next.at[task] = At::Finished;
            return vec![next];
        };
        let mut next = self.clone();
        let value = match stmt {
            Stmt::Read(x) => Val::Int(next.registers[x]),
            Stmt::Assume(x, value) => {
                next.dropped = self.registers[x] != value;
                Val::Int(value)
            }
            Stmt::Write(x, value) => {
                next.registers[x] = value;
                Val::Unit
            }
            Stmt::Add(x, by) => {
                next.registers[x] += by;
                Val::Int(self.registers[x])
            }
            Stmt::Cas(x, expected, new) => {
                next.let_down[task].remove(&Spurious::Register(x));
                let same = self.registers[x] == expected;
                if same {
                    next.registers[x] = new;
                }
                Val::Bool(same)
            }
            Stmt::Lock(m) if self.held[m] => return Vec::new(),
            Stmt::Lock(m) => {
                next.held[m] = true;
                Val::Locked(self.poisoned[m])
            }
            Stmt::Panic(m) => {
                (next.held[m], next.poisoned[m]) = (false, true);
                Val::Misuse
            }
            Stmt::IsPoisoned(m) => Val::Bool(self.poisoned[m]),
            Stmt::ClearPoison(m) => {
                next.poisoned[m] = false;
                Val::Unit
            }
            Stmt::TryLock(m) if self.held[m] => Val::WouldBlock,
            Stmt::TryLock(m) => {
                next.held[m] = true;
                Val::Locked(self.poisoned[m])
            }
            Stmt::Unlock(m) | Stmt::Wait(_, m) if !self.held[m] => Val::Misuse,
            Stmt::Unlock(m) => {
                next.held[m] = false;
                Val::Unit
            }
            Stmt::Wait(c, m) => {
                let again = next.let_down[task].remove(&Spurious::Condvar(c));
                next.may_be_let_down[task] = program.spurious && !again && c + 1 < program.condvars;
                next.held[m] = false;
                next.waiting[c].push(task);
                if c + 1 < program.condvars {
                    next.waiting[c].sort_unstable();
                }
                next.at[task] = At::Parked;
                return vec![next];
            }
            Stmt::NotifyOne(c) if self.waiting[c].is_empty() => Val::Unit,
            Stmt::NotifyOne(c) => {
                next.give(task, Val::Unit);
                let wake = |waiter: &usize| {
                    let mut next = next.clone();
                    next.waiting[c].retain(|other| other != waiter);
                    next.give(*waiter, Val::Unit);
                    next
                };
                let candidates = if c + 1 < program.condvars { self.waiting[c].len() } else { 1 };
                return self.waiting[c].iter().take(candidates).map(wake).collect();
            }
            Stmt::NotifyAll(c) => {
                for waiter in std::mem::take(&mut next.waiting[c]) {
                    next.give(waiter, Val::Unit);
                }
                Val::Unit
            }
            Stmt::Join(other) if self.at[other] != At::Finished => return Vec::new(),
            Stmt::Join(_) => Val::Unit,
            Stmt::Await(other) if !self.is_closed(other) => return Vec::new(),
            Stmt::Await(_) => Val::Unit,
            Stmt::Finish => {
                next.closed[task] = true;
                Val::Unit
            }
            Stmt::IsFinished(other) => Val::Bool(self.is_closed(other)),
            Stmt::SpawnChild => {
                next.children += 1;
                Val::Unit
            }
            Stmt::CountTasks => {
                let started = (0..self.main.min(self.at.len())).filter(|task| !self.is_closed(*task)).count();
                let main = usize::from(self.main <= self.at.len());
                Val::Int((main + started + self.children) as i64)
            }
            Stmt::Choose(n) => {
                let choose = |i: u32| {
                    let mut next = self.clone();
                    next.give(task, Val::Int(i64::from(i)));
                    next
                };
                return (0..n).map(choose).collect();
            }
            Stmt::Len(c) => Val::Int(self.channels[c].buffer.len() as i64),
            Stmt::Close(c) => return vec![self.closed(task, c)],
            Stmt::Send(c, value) => return vec![self.one_arm(task, SelectArm::Send(c, value))],
            Stmt::Recv(c) => return vec![self.one_arm(task, SelectArm::Recv(c))],
            Stmt::TrySend(c, value) => return vec![self.attempt(task, SelectArm::Send(c, value))],
            Stmt::TryRecv(c) => return vec![self.attempt(task, SelectArm::Recv(c))],
            Stmt::Select(arms, default) => return self.select(task, &arms, default),
            Stmt::ReadLock(r) | Stmt::WriteLock(r) => {
                next.at[task] = At::Parked;
                next.rwlocks[r].line.push_back((task, matches!(stmt, Stmt::WriteLock(_))));
                next.let_in(r);
                return vec![next];
            }
            Stmt::TryRead(r) | Stmt::TryWrite(r) => {
                let write = matches!(stmt, Stmt::TryWrite(_));
                let lock = &mut next.rwlocks[r];
                if lock.line.is_empty() && lock.lets(write) {
                    lock.enter(write);
                    Val::Locked(lock.poisoned)
                } else {
                    Val::WouldBlock
                }
            }
            Stmt::ReadUnlock(r) if self.rwlocks[r].readers == 0 => Val::Misuse,
            Stmt::WriteUnlock(r) | Stmt::PanicUnlock(r) if !self.rwlocks[r].writer => Val::Misuse,
            Stmt::ReadUnlock(r) => {
                next.rwlocks[r].readers -= 1;
                next.let_in(r);
                Val::Unit
            }
            Stmt::WriteUnlock(r) | Stmt::PanicUnlock(r) => {
                let lock = &mut next.rwlocks[r];
                (lock.writer, lock.poisoned) = (false, lock.poisoned || matches!(stmt, Stmt::PanicUnlock(_)));
                next.let_in(r);
                Val::Unit
            }
            Stmt::IsRwPoisoned(r) => Val::Bool(self.rwlocks[r].poisoned),
            Stmt::ClearRwPoison(r) => {
                next.rwlocks[r].poisoned = false;
                Val::Unit
            }
            Stmt::OnceBegin(o) | Stmt::OnceForce(o) | Stmt::OnceWait(o) | Stmt::OnceWaitForce(o)
                if self.onces[o].running =>
            {
                return Vec::new();
            }
            Stmt::OnceBegin(o) | Stmt::OnceForce(o) => {
                let poisoned = self.onces[o].state == Some(OnceEnd::Poisoned);
                let forced = matches!(stmt, Stmt::OnceForce(_));
                if self.onces[o].state == Some(OnceEnd::Done) {
                    Val::Bool(false)
                } else if poisoned && !forced {
                    Val::Closed
                } else {
                    next.onces[o].running = true;
                    if forced { Val::Locked(poisoned) } else { Val::Bool(true) }
                }
            }
            Stmt::OnceWait(o) | Stmt::OnceWaitForce(o) => match self.onces[o].state {
                Some(OnceEnd::Done) => Val::Unit,
                Some(OnceEnd::Poisoned) if matches!(stmt, Stmt::OnceWait(_)) => Val::Closed,
                _ => return Vec::new(),
            },
            Stmt::OnceEnd(o, end) => {
                (next.onces[o].running, next.onces[o].state) = (false, Some(end));
                Val::Unit
            }
            Stmt::OnceGet(o) => Val::Bool(self.onces[o].state == Some(OnceEnd::Done)),
            Stmt::Yield => Val::Unit,
            Stmt::Barrier(b) => {
                next.at[task] = At::Parked;
                next.arrived[b].push(task);
                if next.arrived[b].len() == program.barriers[b] {
                    for user in std::mem::take(&mut next.arrived[b]) {
                        next.give(user, Val::Bool(user == task));
                    }
                }
                return vec![next];
            }
            Stmt::WgAdd(g, delta) if self.counters[g] + delta < 0 => Val::Misuse,
            Stmt::WgAdd(g, delta) => {
                next.counters[g] += delta;
                if next.counters[g] == 0 {
                    for waiter in std::mem::take(&mut next.group_waiters[g]) {
                        next.give(waiter, Val::Unit);
                    }
                }
                Val::Unit
            }
            Stmt::WgWait(g) if self.counters[g] == 0 => Val::Unit,
            Stmt::WgWait(g) => {
                next.at[task] = At::Parked;
                next.group_waiters[g].insert(task);
                return vec![next];
            }
            Stmt::PipeSend(_) | Stmt::PipeTrySend(_) if !self.pipe.receiver => Val::Closed,
            Stmt::PipeTrySend(_) if !self.pipe.has_room() => Val::WouldBlock,
            Stmt::PipeSend(value) | Stmt::PipeTrySend(value) => {
                next.at[task] = At::Parked;
                next.pipe.line.push_back((task, value));
                next.flow();
                return vec![next];
            }
            Stmt::PipeTryRecv if self.pipe.is_empty() => {
                if self.pipe.senders == 0 {
                    Val::Closed
                } else {
                    Val::WouldBlock
                }
            }
            Stmt::PipePoll if self.pipe.is_empty() => {
                if self.pipe.senders == 0 {
                    Val::Arm(0, None)
                } else {
                    Val::Default
                }
            }
            Stmt::PipePoll => {
                next.pipe.receiving = true;
                next.flow();
                let received = next.results[0].pop().expect("a value was there");
                next.results[0].push(Val::Arm(0, Some(received.int())));
                return vec![next];
            }
            Stmt::PipeRecv | Stmt::PipeTryRecv => {
                next.at[task] = At::Parked;
                next.pipe.receiving = true;
                next.flow();
                return vec![next];
            }
            Stmt::PipeRecvTimeout(nanos) => {
                let mut next = self.alarm(task, nanos, What::EndRecv);
                next.pipe.receiving = true;
                next.flow();
                return vec![next];
            }
            Stmt::DropSender => {
                next.pipe.senders -= 1;
                next.give(task, Val::Unit);
                next.flow();
                return vec![next];
            }
            Stmt::DropReceiver => {
                next.pipe.receiver = false;
                next.pipe.buffer.clear();
                for (sender, _) in std::mem::take(&mut next.pipe.line) {
                    next.give(sender, Val::Closed);
                }
                Val::Unit
            }
            Stmt::WordRead(w) => Val::Int(self.words[w]),
            Stmt::WordWrite(w, value) => {
                next.words[w] = value;
                Val::Unit
            }
            Stmt::WordAdd(w, by) => {
                next.words[w] += by;
                Val::Int(self.words[w])
            }
            Stmt::WordWait(w, expected) | Stmt::WordWaitTimeout(w, expected, _)
                if self.words[w] != expected =>
            {
                Val::WouldBlock
            }
            Stmt::WordWait(w, _) => {
                next.at[task] = At::Parked;
                next.word_waiters[w].insert(task);
                return vec![next];
            }
            Stmt::WordWaitTimeout(w, _, nanos) => {
                let mut next = self.alarm(task, nanos, What::EndWordWait(w));
                next.word_waiters[w].insert(task);
                return vec![next];
            }
            Stmt::WordWake(w, most) => return self.wake_on(task, w, most),
            Stmt::Now => Val::Int(self.now as i64),
            Stmt::Sleep(nanos) => return vec![self.alarm(task, nanos, What::Wake)],
            Stmt::ParkTimeout(_) if self.tokens[task] => {
                next.tokens[task] = false;
                Val::Unit
            }
            Stmt::ParkTimeout(nanos) => return vec![self.alarm(task, nanos, What::EndPark)],
            Stmt::WaitTimeout(_, m, _) if !self.held[m] => Val::Misuse,
            Stmt::WaitTimeout(c, m, nanos) => {
                let mut next = self.alarm(task, nanos, What::EndWait(c));
                next.held[m] = false;
                next.waiting[c].push(task);
                next.waiting[c].sort_unstable();
                return vec![next];
            }
            Stmt::Arm(nanos) => {
                next.is_timer_known = true;
                next.alarms.push(Alarm { at: self.now + nanos, what: What::Tick, task });
                Val::Unit
            }
            Stmt::StopTimer => Val::Bool(next.stop_timer()),
            Stmt::ResetTimer(nanos) => {
                let was_active = next.stop_timer();
                if self.is_timer_known {
                    next.alarms.push(Alarm { at: self.now + nanos, what: What::Tick, task });
                }
                Val::Bool(was_active)
            }
            Stmt::AfterFunc(nanos) => {
                let task = self.at.len() - 1;
                next.alarms.push(Alarm { at: self.now + nanos, what: What::Start, task });
                Val::Unit
            }
            Stmt::StopFunc => {
                let known = next.alarms.len();
                next.alarms.retain(|alarm| alarm.what != What::Start);
                Val::Bool(next.alarms.len() < known)
            }
            Stmt::TryTick if !self.tick => Val::WouldBlock,
            Stmt::Tick if !self.tick => return Vec::new(),
            Stmt::TryTick | Stmt::Tick => {
                next.tick = false;
                Val::Unit
            }
            Stmt::Cancel(x) => {
                let first = self.cancelled[x] == 0;
                next.cancel(x, 1);
                Val::Bool(first)
            }
            Stmt::Deadline(x, 0) => {
                next.cancel(x, 2);
                Val::Unit
            }
            // As in Go, there is no timer for what is cancelled already.
            Stmt::Deadline(x, _) if self.cancelled[x] != 0 => Val::Unit,
            Stmt::Deadline(x, nanos) => {
                next.alarms.push(Alarm { at: self.now + nanos, what: What::Expire(x), task });
                Val::Unit
            }
            Stmt::ContextErr(x) => Val::Int(i64::from(self.cancelled[x])),
            Stmt::NewContext(parent) => {
                let own = own_context(task);
                next.below[own] = Some(parent);
                if self.cancelled[parent] != 0 {
                    next.cancel(own, self.cancelled[parent]);
                }
                Val::Unit
            }
            Stmt::AfterCancel(x) => {
                if self.cancelled[x] == 0 {
                    next.starts_last = Some(x);
                } else {
                    next.start_last();
                }
                Val::Unit
            }
            Stmt::StopAfterCancel(x) => Val::Bool(next.starts_last.take_if(|starts| *starts == x).is_some()),
            Stmt::TryDone(x) if self.cancelled[x] == 0 => Val::WouldBlock,
            Stmt::Done(x) if self.cancelled[x] == 0 => return Vec::new(),
            Stmt::TryDone(_) | Stmt::Done(_) => Val::Closed,
            Stmt::Park if !self.tokens[task] => return Vec::new(),
            Stmt::Park => {
                next.let_down[task].remove(&Spurious::Token);
                next.tokens[task] = false;
                Val::Unit
            }
            Stmt::Poll if !self.woken[task] => return Vec::new(),
            Stmt::Poll => {
                next.let_down[task].remove(&Spurious::Waker);
                next.woken[task] = false;
                Val::Unit
            }
            Stmt::Wake(other) => {
                next.woken[other] = true;
                Val::Unit
            }
            Stmt::Unpark(other) => {
                let parked =
                    next.alarms.iter().position(|alarm| alarm.task == other && alarm.what == What::EndPark);
                if let Some(parked) = parked {
                    next.alarms.remove(parked);
                    next.give(other, Val::Unit);
                } else {
                    next.tokens[other] = true;
                }
                Val::Unit
            }
        };
        next.give(task, value);
        vec![next]
    }
}
