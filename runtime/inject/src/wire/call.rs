//! The calls that drove an execution, so that another process can make the engine come to the same.
//!
//! An engine depends on nothing but its plan and on what its driver calls. So a search needs no more of an execution
//! than these calls: whoever makes them again, in order, has the execution with all that it recorded.

use gorace_analyzer_core::trace::Ended;
use gorace_analyzer_core::{ObjIx, ObjectKind, Place, TaskIx};
use gorace_engine::{Execution, Next, ObjectSpec, Op, Plan, Settled};

/// One call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Call {
    /// [`Execution::new_task`].
    Task {
        /// Of whom.
        parent: TaskIx,
    },
    /// [`Execution::register`], of a word.
    Word {
        /// Who used it first.
        task: TaskIx,
        /// A number that words have in common which are of one place: of one line that allocates, of one static.
        made: u32,
    },
    /// [`Execution::arrive`].
    Arrive {
        /// Who.
        task: TaskIx,
        /// At what.
        op: Op,
    },
    /// [`Execution::next`].
    Next,
    /// [`Execution::settle_word`].
    Settle {
        /// Whose operation.
        task: TaskIx,
        /// On which word.
        word: ObjIx,
        /// What it came to.
        settled: Settled,
    },
    /// [`Execution::wait_on`].
    Wait {
        /// Who.
        task: TaskIx,
        /// On which word.
        word: ObjIx,
        /// For which wakers.
        bits: u32,
        /// For how long at the most.
        nanos: Option<u64>,
    },
}

/// What the engine is told of a word.
pub fn word_spec(made: u32) -> ObjectSpec {
    ObjectSpec {
        kind: ObjectKind::Word,
        made: Place::Stack(made as usize),
        name: None,
        type_name: || "",
        initial: 0,
    }
}

/// Makes `execution` what the one was that was driven by `calls`; gives how it ended. `None`: it did not come to an
/// end, since the program ended itself, or these are the calls of another plan.
pub fn retell(calls: &[Call], plan: &Plan, execution: &mut Execution) -> Option<Ended> {
    execution.begin(plan);
    let mut words = 0;
    for call in calls {
        let (task, word) = match *call {
            Call::Task { parent } => (Some(parent), None),
            Call::Word { task, .. } | Call::Arrive { task, .. } => (Some(task), None),
            Call::Settle { task, word, .. } | Call::Wait { task, word, .. } => (Some(task), Some(word)),
            Call::Next => (None, None),
        };
        let is_known = task.is_none_or(|task| task.at() < execution.task_count())
            && word.is_none_or(|word| word.number() < words);
        if !is_known {
            return None;
        }
        match *call {
            Call::Task { parent } => _ = execution.new_task(parent, None),
            Call::Word { task, made } => {
                execution.register(task, word_spec(made));
                words += 1;
            }
            Call::Arrive { task, op } => execution.arrive(task, op, Place::Unknown),
            Call::Settle { task, word, settled } => execution.settle_word(task, word, settled),
            Call::Wait { task, word, bits, nanos } => execution.wait_on(task, word, bits, nanos),
            Call::Next => {
                if let Next::End(ended) = execution.next() {
                    return Some(ended);
                }
            }
        }
    }
    None
}
