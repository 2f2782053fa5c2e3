//! Initialisation that happens once: the first to arrive does it, the others wait for its end.

use crate::AccessKind;
use crate::execution::Execution;
use crate::footprint::{Access, Footprint};
use crate::op::Reply;
use crate::prim::{Primitive, State};
use crate::task::Wait;
use gorace_analyzer_core::{EdgeKind, EventIx, ObjIx, OpKind, TaskIx};
use std::collections::VecDeque;

/// How an initialisation ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OnceEnd {
    /// It is initialised for good.
    Done,
    /// It failed and is as if it had not begun: the next who waits has the right to try.
    Reset,
    /// It failed for good: whoever waits or comes later is told ([`Reply::Closed`]).
    Poisoned,
}

/// An operation on something that is initialised once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OnceOp {
    /// Replies with `Flag(true)` to the one who initialises (`Value(1)` if it is poisoned and that was forced),
    /// `Flag(false)` to those for whom it is done, and `Closed` if it is poisoned.
    Begin {
        /// The object.
        once: ObjIx,
        /// Whether a poisoned one may be initialised after all (`call_once_force`).
        force: bool,
    },
    /// The initialising task is done with it.
    End {
        /// The object.
        once: ObjIx,
        /// How.
        end: OnceEnd,
    },
    /// Waits until it is initialised, without doing it; `Closed` if it is poisoned, unless that is passed over.
    Wait {
        /// The object.
        once: ObjIx,
        /// Whether to wait past a poisoned one.
        force: bool,
    },
    /// Replies whether it is initialised.
    Get {
        /// The object.
        once: ObjIx,
    },
}

#[derive(Debug)]
pub(crate) struct Once {
    /// The initialising task.
    running: Option<(TaskIx, EventIx)>,
    /// How it ended last, and by which event, which is none if it was before the execution. Nothing while it is
    /// initialised once more: whoever waits is not told of the poison then.
    ended: Option<(OnceEnd, Option<EventIx>)>,
    queue: VecDeque<(TaskIx, EventIx, bool)>,
    watchers: Vec<(TaskIx, EventIx, bool)>,
}

impl State for Once {
    fn new(initial: u64) -> Self {
        let ended = (initial != 0).then_some((OnceEnd::Done, None));
        Once { running: None, ended, queue: VecDeque::new(), watchers: Vec::new() }
    }

    fn holders(&self) -> Vec<(TaskIx, EventIx)> {
        Vec::from_iter(self.running)
    }
}

impl Primitive for OnceOp {
    fn kind(self) -> OpKind {
        match self {
            OnceOp::Begin { .. } => OpKind::OnceBegin,
            OnceOp::End { .. } => OpKind::OnceEnd,
            OnceOp::Wait { .. } => OpKind::OnceWait,
            OnceOp::Get { .. } => OpKind::OnceGet,
        }
    }

    fn footprint(self, _execution: &Execution, _task: TaskIx) -> Footprint {
        use AccessKind as K;
        let (once, kind) = match self {
            OnceOp::Begin { once, force: false } => (once, K::OnceBegin),
            OnceOp::Begin { once, force: true } => (once, K::OnceForce),
            OnceOp::End { once, end: OnceEnd::Poisoned } => (once, K::OncePoison),
            OnceOp::End { once, .. } => (once, K::OnceEnd),
            OnceOp::Get { once } => (once, K::OnceGet),
            OnceOp::Wait { once, force: false } => (once, K::OnceWait),
            // It waits for the end, whoever comes first, and nobody sees it wait.
            OnceOp::Wait { force: true, .. } => return Footprint::NONE,
        };
        Footprint::one(Access::new(once, kind))
    }

    fn perform(self, execution: &mut Execution, task: TaskIx) {
        match self {
            OnceOp::Begin { once, force } => execution.once_begin(task, once, force),
            OnceOp::End { once, end } => execution.once_end(task, once, end),
            OnceOp::Wait { once, force } => execution.once_wait(task, once, force),
            OnceOp::Get { once } => execution.once_get(task, once),
        }
    }
}

impl Execution {
    fn once_begin(&mut self, task: TaskIx, once: ObjIx, force: bool) {
        let event = self.append(task, OpKind::OnceBegin, |e| e.object = Some(once));
        self.once(once).queue.push_back((task, event, force));
        self.block(task, Wait::On, event);
        self.once_settle(once);
    }

    fn once_end(&mut self, task: TaskIx, once: ObjIx, end: OnceEnd) {
        let done = end == OnceEnd::Done;
        let event = self.append(task, OpKind::OnceEnd, |e| {
            (e.object, e.value) = (Some(once), u64::from(done));
        });
        let state = self.once(once);
        (state.running, state.ended) = (None, Some((end, Some(event))));
        self.once_settle(once);
        self.written(task, once);
        self.complete(task, Reply::Unit);
    }

    fn once_get(&mut self, task: TaskIx, once: ObjIx) {
        let ended = self.once(once).ended.filter(|(end, _)| *end == OnceEnd::Done);
        let value = u64::from(ended.is_some());
        let event = self.append(task, OpKind::OnceGet, |e| (e.object, e.value) = (Some(once), value));
        if let Some((_, Some(done))) = ended {
            self.edge(done, event, task, EdgeKind::Once);
        }
        self.saw_again(task, once, value);
        self.complete(task, Reply::Flag(ended.is_some()));
    }

    fn once_wait(&mut self, task: TaskIx, once: ObjIx, force: bool) {
        let event = self.append(task, OpKind::OnceWait, |e| e.object = Some(once));
        self.once(once).watchers.push((task, event, force));
        self.block(task, Wait::On, event);
        self.once_settle(once);
    }

    /// Answers those who wait, in the order of arrival, until one of them initialises.
    fn once_settle(&mut self, once: ObjIx) {
        let watchers = std::mem::take(&mut self.once(once).watchers);
        for (task, event, force) in watchers {
            let reply = match self.once(once).ended {
                Some((OnceEnd::Done, _)) => Reply::Unit,
                Some((OnceEnd::Poisoned, _)) if !force => Reply::Closed,
                _ => {
                    self.once(once).watchers.push((task, event, force));
                    continue;
                }
            };
            if let Some((_, Some(end))) = self.once(once).ended {
                self.edge(end, event, task, EdgeKind::Once);
            }
            self.complete(task, reply);
        }
        while self.once(once).running.is_none()
            && let Some((task, event, force)) = self.once(once).queue.pop_front()
        {
            let ended = self.once(once).ended;
            if let Some((_, Some(end))) = ended {
                self.edge(end, event, task, EdgeKind::Once);
            }
            let reply = match ended {
                Some((OnceEnd::Done, _)) => Reply::Flag(false),
                Some((OnceEnd::Poisoned, _)) if !force => Reply::Closed,
                ended => {
                    let state = self.once(once);
                    (state.running, state.ended) = (Some((task, event)), None);
                    let poisoned = matches!(ended, Some((OnceEnd::Poisoned, _)));
                    if poisoned { Reply::Value(1) } else { Reply::Flag(true) }
                }
            };
            self.complete(task, reply);
        }
    }
}
