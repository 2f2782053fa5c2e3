//! Branches: what a task does next depends on what it saw.

use super::Line;
use crate::tests::program::Stmt;

/// Makes some operations that stand alone depend on what an earlier one of the line gives.
pub(super) fn branch(line: &mut Line<'_>) {
    for at in 1..line.stmts.len() {
        let (stmt, guard) = &line.stmts[at];
        if guard.is_some() || !stands_alone(stmt) || line.random.below(2) == 0 {
            continue;
        }
        let telling: Vec<usize> = (0..at).filter(|earlier| tells(&line.stmts[*earlier].0)).collect();
        if !telling.is_empty() {
            line.stmts[at].1 = Some(telling[line.random.below(telling.len())]);
        }
    }
}

/// Whether nothing else of the line relies on its being done.
fn stands_alone(stmt: &Stmt) -> bool {
    use Stmt::*;
    matches!(
        stmt,
        Read(_)
            | Write(..)
            | Add(..)
            | Cas(..)
            | IsPoisoned(_)
            | ClearPoison(_)
            | NotifyOne(_)
            | NotifyAll(_)
            | Send(..)
            | Recv(_)
            | TrySend(..)
            | TryRecv(_)
            | Close(_)
            | Len(_)
            | Select(..)
            | Join(_)
            | IsFinished(_)
            | CountTasks
            | Barrier(_)
            | Yield
            | WgAdd(..)
            | WgWait(_)
            | PipeSend(_)
            | PipeTrySend(_)
            | PipeTryRecv
            | Sleep(_)
            | StopTimer
            | ResetTimer(_)
            | Cancel(_)
            | Done(_)
            | Park
            | Unpark(_)
            | Poll
            | Wake(_)
            | WordWrite(..)
            | WordAdd(..)
            | WordWait(..)
            | WordWake(..)
    )
}

/// Whether it does not always give the same.
fn tells(stmt: &Stmt) -> bool {
    use Stmt::*;
    matches!(
        stmt,
        Read(_)
            | Add(..)
            | Cas(..)
            | TryLock(_)
            | IsPoisoned(_)
            | TrySend(..)
            | TryRecv(_)
            | Len(_)
            | Select(..)
            | IsFinished(_)
            | TryRead(_)
            | TryWrite(_)
            | OnceGet(_)
            | PipeTrySend(_)
            | PipeTryRecv
            | PipeRecvTimeout(_)
            | TryTick
            | StopTimer
            | WaitTimeout(..)
            | ParkTimeout(_)
            | Cancel(_)
            | ContextErr(_)
            | TryDone(_)
            | WordRead(_)
            | WordAdd(..)
            | WordWait(..)
    )
}
