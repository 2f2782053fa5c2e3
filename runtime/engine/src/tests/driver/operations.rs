//! What operations of a program are to the engine, and what its answers are to the program.

use super::objects::Objects;
use crate::tests::program::{self, SelectArm, Stmt, Val, own_context};
use crate::{
    Arm, BarrierOp, ContextOp, Execution, FinishOp, MpscOp, OnceEnd, OnceOp, Op, ParkOp, Reply, RmwKind,
    RwLockOp, TimerEffect, TimerOp, WaitGroupOp, Width, WordOp,
};
use gorace_analyzer_core::{Order, TaskIx};

const WIDTH: Width = Width { bits: 64, signed: true };

impl Objects {
    pub fn op(&self, execution: &mut Execution, task: TaskIx, stmt: &Stmt) -> Op {
        let order = Order::SeqCst;
        match *stmt {
            Stmt::Read(x) | Stmt::Assume(x, _) => {
                Op::Load { object: self.registers[x].get(execution, task), order }
            }
            Stmt::Write(x, value) => {
                Op::Store { object: self.registers[x].get(execution, task), value: value as u64, order }
            }
            Stmt::Add(x, by) => {
                let (object, operand) = (self.registers[x].get(execution, task), by as u64);
                Op::Rmw { object, kind: RmwKind::Add, operand, width: WIDTH, order }
            }
            Stmt::Cas(x, expected, new) => {
                let (object, expected, new) =
                    (self.registers[x].get(execution, task), expected as u64, new as u64);
                Op::CompareExchange { object, expected, new, success: order, failure: order, weak: true }
            }
            Stmt::Lock(m) => Op::Lock { mutex: self.locks[m].get(execution, task) },
            Stmt::Unlock(m) | Stmt::Panic(m) => Op::Unlock { mutex: self.locks[m].get(execution, task) },
            Stmt::IsPoisoned(m) => Op::IsPoisoned { mutex: self.locks[m].get(execution, task) },
            Stmt::ClearPoison(m) => Op::ClearPoison { mutex: self.locks[m].get(execution, task) },
            Stmt::TryLock(m) => Op::TryLock { mutex: self.locks[m].get(execution, task) },
            Stmt::Wait(c, m) => Op::Wait {
                condvar: self.condvars[c].get(execution, task),
                mutex: self.locks[m].get(execution, task),
            },
            Stmt::NotifyOne(c) => Op::NotifyOne { condvar: self.condvars[c].get(execution, task) },
            Stmt::NotifyAll(c) => Op::NotifyAll { condvar: self.condvars[c].get(execution, task) },
            Stmt::Send(c, value) => {
                Op::Send { channel: self.channels[c].get(execution, task), handle: value as u64 }
            }
            Stmt::Recv(c) => Op::Recv { channel: self.channels[c].get(execution, task) },
            Stmt::TrySend(c, value) => {
                Op::TrySend { channel: self.channels[c].get(execution, task), handle: value as u64 }
            }
            Stmt::TryRecv(c) => Op::TryRecv { channel: self.channels[c].get(execution, task) },
            Stmt::Close(c) => Op::Close { channel: self.channels[c].get(execution, task) },
            Stmt::Len(c) => Op::Len { channel: self.channels[c].get(execution, task) },
            Stmt::Select(ref arms, default) => {
                let mut arm = |arm: &SelectArm| match *arm {
                    SelectArm::Send(c, value) => {
                        Arm { channel: Some(self.channels[c].get(execution, task)), send: Some(value as u64) }
                    }
                    SelectArm::Recv(c) => {
                        Arm { channel: Some(self.channels[c].get(execution, task)), send: None }
                    }
                };
                let arms: Vec<Arm> = arms.iter().map(&mut arm).collect();
                execution.set_arms(task, arms);
                Op::Select { default }
            }
            Stmt::Finish => FinishOp::Finish.into(),
            Stmt::Await(task) => FinishOp::Await { task: TaskIx(task as u32 + 1) }.into(),
            Stmt::Join(task) => Op::Join { task: TaskIx(task as u32 + 1) },
            Stmt::IsFinished(task) => Op::IsFinished { task: TaskIx(task as u32 + 1) },
            Stmt::SpawnChild => Op::Spawn { child: TaskIx(task.0 + self.tokens.len() as u32) },
            Stmt::CountTasks => Op::CountTasks,
            Stmt::Choose(n) => Op::Choose { n },
            Stmt::ReadLock(r) => RwLockOp::Read { lock: self.rwlocks[r].get(execution, task) }.into(),
            Stmt::WriteLock(r) => RwLockOp::Write { lock: self.rwlocks[r].get(execution, task) }.into(),
            Stmt::TryRead(r) => RwLockOp::TryRead { lock: self.rwlocks[r].get(execution, task) }.into(),
            Stmt::TryWrite(r) => RwLockOp::TryWrite { lock: self.rwlocks[r].get(execution, task) }.into(),
            Stmt::ReadUnlock(r) => RwLockOp::ReadUnlock { lock: self.rwlocks[r].get(execution, task) }.into(),
            Stmt::IsRwPoisoned(r) => {
                RwLockOp::IsPoisoned { lock: self.rwlocks[r].get(execution, task) }.into()
            }
            Stmt::ClearRwPoison(r) => {
                RwLockOp::ClearPoison { lock: self.rwlocks[r].get(execution, task) }.into()
            }
            Stmt::WriteUnlock(r) | Stmt::PanicUnlock(r) => {
                RwLockOp::WriteUnlock { lock: self.rwlocks[r].get(execution, task) }.into()
            }
            Stmt::OnceBegin(o) => {
                OnceOp::Begin { once: self.onces[o].get(execution, task), force: false }.into()
            }
            Stmt::OnceForce(o) => {
                OnceOp::Begin { once: self.onces[o].get(execution, task), force: true }.into()
            }
            Stmt::OnceWait(o) => {
                OnceOp::Wait { once: self.onces[o].get(execution, task), force: false }.into()
            }
            Stmt::OnceWaitForce(o) => {
                OnceOp::Wait { once: self.onces[o].get(execution, task), force: true }.into()
            }
            Stmt::OnceEnd(o, end) => {
                let end = match end {
                    program::OnceEnd::Done => OnceEnd::Done,
                    program::OnceEnd::Reset => OnceEnd::Reset,
                    program::OnceEnd::Poisoned => OnceEnd::Poisoned,
                };
                OnceOp::End { once: self.onces[o].get(execution, task), end }.into()
            }
            Stmt::OnceGet(o) => OnceOp::Get { once: self.onces[o].get(execution, task) }.into(),
            Stmt::Yield => Op::Yield,
            Stmt::Barrier(b) => BarrierOp { barrier: self.barriers[b].get(execution, task) }.into(),
            Stmt::WgAdd(g, delta) => {
                WaitGroupOp::Add { group: self.groups[g].get(execution, task), delta }.into()
            }
            Stmt::WgWait(g) => WaitGroupOp::Wait { group: self.groups[g].get(execution, task) }.into(),
            Stmt::PipeSend(value) => Op::Send { channel: self.pipe, handle: value as u64 },
            Stmt::PipeRecv => Op::Recv { channel: self.pipe },
            Stmt::PipeRecvTimeout(nanos) => TimerOp::RecvTimeout { channel: self.pipe, nanos }.into(),
            Stmt::PipeTrySend(value) => Op::TrySend { channel: self.pipe, handle: value as u64 },
            Stmt::PipeTryRecv => Op::TryRecv { channel: self.pipe },
            Stmt::PipePoll => {
                execution.set_arms(task, [Arm { channel: Some(self.pipe), send: None }]);
                Op::Select { default: true }
            }
            Stmt::DropSender => MpscOp::DropSender { channel: self.pipe }.into(),
            Stmt::DropReceiver => MpscOp::DropReceiver { channel: self.pipe }.into(),
            Stmt::Now => TimerOp::Now.into(),
            Stmt::Sleep(nanos) => TimerOp::Sleep { nanos }.into(),
            Stmt::Arm(nanos) => {
                let effect = TimerEffect::Tick { period: self.period };
                TimerOp::Arm { timer: self.timer, nanos, effect }.into()
            }
            Stmt::StopTimer => TimerOp::Stop { timer: self.timer }.into(),
            Stmt::ResetTimer(nanos) => TimerOp::Reset { timer: self.timer, nanos, start: None }.into(),
            Stmt::AfterFunc(nanos) => {
                let effect = TimerEffect::Start(TaskIx(self.tokens.len() as u32));
                TimerOp::Arm { timer: self.function, nanos, effect }.into()
            }
            Stmt::StopFunc => TimerOp::Stop { timer: self.function }.into(),
            Stmt::TryTick => Op::TryRecv { channel: self.timer },
            Stmt::Tick => Op::Recv { channel: self.timer },
            Stmt::WaitTimeout(c, m, nanos) => {
                let (condvar, mutex) =
                    (self.condvars[c].get(execution, task), self.locks[m].get(execution, task));
                TimerOp::WaitTimeout { condvar, mutex, nanos }.into()
            }
            Stmt::ParkTimeout(nanos) => {
                TimerOp::ParkTimeout { token: self.tokens[task.at() - 1].get(execution, task), nanos }.into()
            }
            Stmt::Cancel(x) => ContextOp::Cancel { context: self.contexts[x].get(execution, task) }.into(),
            Stmt::Deadline(x, nanos) => {
                let effect = TimerEffect::Cancel;
                TimerOp::Arm { timer: self.contexts[x].get(execution, task), nanos, effect }.into()
            }
            Stmt::ContextErr(x) => ContextOp::Err { context: self.contexts[x].get(execution, task) }.into(),
            Stmt::NewContext(parent) => {
                let parent = Some(self.contexts[parent].get(execution, task));
                let context = self.contexts[own_context(task.at() - 1)].get(execution, task);
                ContextOp::New { context, parent }.into()
            }
            Stmt::AfterCancel(x) => {
                let (context, last) =
                    (self.contexts[x].get(execution, task), TaskIx(self.tokens.len() as u32));
                ContextOp::After { context, task: last }.into()
            }
            Stmt::StopAfterCancel(x) => {
                let (context, last) =
                    (self.contexts[x].get(execution, task), TaskIx(self.tokens.len() as u32));
                ContextOp::StopAfter { context, task: last }.into()
            }
            Stmt::TryDone(x) => Op::TryRecv { channel: self.contexts[x].get(execution, task) },
            Stmt::Done(x) => Op::Recv { channel: self.contexts[x].get(execution, task) },
            Stmt::Park => {
                ParkOp::Park { token: self.tokens[task.at() - 1].get(execution, task), future: false }.into()
            }
            Stmt::Unpark(other) => {
                let (token, owner) = (self.tokens[other].get(execution, task), TaskIx(other as u32 + 1));
                ParkOp::Unpark { token, owner, future: false }.into()
            }
            Stmt::Poll => {
                ParkOp::Park { token: self.wakers[task.at() - 1].get(execution, task), future: true }.into()
            }
            Stmt::Wake(other) => {
                let (token, owner) = (self.wakers[other].get(execution, task), TaskIx(other as u32 + 1));
                ParkOp::Unpark { token, owner, future: true }.into()
            }
            Stmt::WordRead(w) => WordOp::Load { word: self.words[w].get(execution, task), order }.into(),
            Stmt::WordWrite(w, _) => WordOp::Store { word: self.words[w].get(execution, task), order }.into(),
            Stmt::WordAdd(w, _) => WordOp::Update { word: self.words[w].get(execution, task), order }.into(),
            Stmt::WordWait(w, _) | Stmt::WordWaitTimeout(w, ..) => {
                WordOp::Wait { word: self.words[w].get(execution, task) }.into()
            }
            Stmt::WordWake(w, most) => {
                WordOp::Wake { word: self.words[w].get(execution, task), most: most as u32, bits: 1 }.into()
            }
        }
    }
}

pub fn value(stmt: &Stmt, reply: Reply) -> Val {
    match (stmt, reply) {
        (Stmt::Cas(..), Reply::Seen(_, done)) => Val::Bool(done),
        (Stmt::Arm(_) | Stmt::AfterFunc(_) | Stmt::Deadline(..), _) => Val::Unit,
        (_, Reply::Unit) => Val::Unit,
        (_, Reply::Value(value)) => Val::Int(value as i64),
        (_, Reply::Flag(flag)) => Val::Bool(flag),
        (_, Reply::Closed) => Val::Closed,
        (_, Reply::WouldBlock) => Val::WouldBlock,
        (_, Reply::Arm(arm, handle)) => Val::Arm(arm, handle.map(|handle| handle as i64)),
        (_, Reply::Default) => Val::Default,
        (_, Reply::Misuse(_)) => Val::Misuse,
        (stmt, Reply::Seen(..)) => panic!("{stmt:?} gave {reply:?}"),
    }
}
