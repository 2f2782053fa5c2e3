//! Tokens: a thread's `park` and `unpark`, a future's wake-up. A token that is given twice is there once.

use crate::AccessKind;
use crate::execution::Execution;
use crate::footprint::{Access, Footprint};
use crate::op::Reply;
use crate::prim::{Primitive, State};
use crate::task::Wait;
use gorace_analyzer_core::{EdgeKind, EventIx, ObjIx, ObjectKind, OpKind, Place, TaskIx};

/// An operation on a token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ParkOp {
    /// Waits for the token and takes it.
    Park {
        /// The token.
        token: ObjIx,
        /// Whether it is a future's.
        future: bool,
    },
    /// Gives the token.
    Unpark {
        /// The token.
        token: ObjIx,
        /// Whose it is.
        owner: TaskIx,
        /// Whether it is a future's.
        future: bool,
    },
}

#[derive(Debug)]
pub(crate) struct Token {
    /// The gifts since it was taken last; together they are one token.
    given: Vec<EventIx>,
    waiter: Option<(TaskIx, EventIx)>,
}

impl State for Token {
    fn new(_initial: u64) -> Self {
        Token { given: Vec::new(), waiter: None }
    }
}

impl Token {
    /// The owner waits no more.
    pub fn forget(&mut self) {
        self.waiter = None;
    }
}

impl Primitive for ParkOp {
    fn kind(self) -> OpKind {
        match self {
            ParkOp::Park { future: false, .. } => OpKind::Park,
            ParkOp::Park { future: true, .. } => OpKind::Await,
            ParkOp::Unpark { future: false, .. } => OpKind::Unpark,
            ParkOp::Unpark { future: true, .. } => OpKind::Wake,
        }
    }

    fn footprint(self, _execution: &Execution, _task: TaskIx) -> Footprint {
        let (token, kind) = match self {
            ParkOp::Park { token, .. } => (token, AccessKind::Park),
            ParkOp::Unpark { token, .. } => (token, AccessKind::Unpark),
        };
        Footprint::one(Access::new(token, kind))
    }

    fn perform(self, execution: &mut Execution, task: TaskIx) {
        match self {
            ParkOp::Park { token, .. } => {
                let waits = execution.token(token).given.is_empty();
                let spurious = execution.is_let_down(task, token, waits);
                let event = execution.append(task, self.kind(), |e| {
                    (e.object, e.value) = (Some(token), u64::from(spurious));
                });
                if spurious {
                    return execution.complete(task, Reply::Unit);
                }
                execution.block(task, Wait::On, event);
                execution.token(token).waiter = Some((task, event));
            }
            ParkOp::Unpark { token, owner, .. } => {
                let event = execution.append(task, self.kind(), |e| {
                    (e.object, e.value) = (Some(token), u64::from(owner.0));
                });
                execution.token(token).given.push(event);
                // Whoever wakes itself changes nothing.
                if owner != task {
                    execution.written(task, token);
                }
                execution.complete(task, Reply::Unit);
            }
        }
        let (ParkOp::Park { token, .. } | ParkOp::Unpark { token, .. }) = self;
        execution.hand_over(token);
    }
}

impl Execution {
    /// `task` dropped the last waker of `owner`, whose token this is, at `place`. Not a scheduling point: nobody
    /// sees it.
    pub fn waker_dropped(&mut self, task: TaskIx, token: ObjIx, owner: TaskIx, place: Place) {
        self.append(task, OpKind::DropWaker, |e| {
            (e.object, e.value, e.place) = (Some(token), u64::from(owner.0), place);
        });
    }

    fn hand_over(&mut self, token: ObjIx) {
        let state = self.token(token);
        let Some((waiter, waited)) = state.waiter.filter(|_| !state.given.is_empty()) else { return };
        state.waiter = None;
        let given = std::mem::take(&mut state.given);
        let is_thread = self.objects[token.at()].kind() == ObjectKind::Parker;
        let kind = if is_thread { EdgeKind::Unpark } else { EdgeKind::Wake };
        self.overtake_timer(waiter);
        // A future that only wakes itself asks to be polled again once the others have run: it yields.
        if !is_thread && given.iter().all(|given| self.trace.event(*given).task == waiter) {
            self.pass_over(waiter);
        }
        for given in given {
            self.edge(given, waited, waiter, kind);
        }
        self.complete(waiter, Reply::Unit);
    }
}
