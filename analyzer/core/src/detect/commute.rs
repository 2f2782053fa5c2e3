//! Which operations see nothing of each other, as far as a trace tells.
//!
//! The engine decides that by what each operation touches at its moment, which no trace has. This is coarser, to the
//! safe side: what is said to commute here does commute there (a test of the engine compares the two), not the other
//! way round.

use crate::ids::ObjIx;
use crate::op::OpKind;
use crate::trace::Event;

/// What an event may see or change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reach {
    /// Nothing that operations see.
    Nothing,
    /// An object.
    Object(ObjIx),
    /// Which tasks there are.
    Tasks,
    /// The time.
    Time,
    /// Which contexts are cancelled.
    Contexts,
    /// Any channel: beside a select, which looks at all of its arms, and of which a trace has but the chosen one.
    Channels,
    /// Anything: timers end waitings, and cancelling closes whatever is below.
    All,
}

impl Reach {
    pub(super) fn meets(self, other: Reach) -> bool {
        match (self, other) {
            (Reach::Nothing, _) | (_, Reach::Nothing) => false,
            (Reach::All, _) | (_, Reach::All) => true,
            (one, other) => one == other,
        }
    }
}

/// What `event` may see or change, in a trace that has selects or has none.
pub(super) fn reach(event: &Event, has_selects: bool) -> Reach {
    use OpKind as K;
    match event.op {
        K::Spawn | K::Exit | K::Finish | K::NumGoroutine | K::IsFinished => Reach::Tasks,
        K::NewContext | K::ContextErr => Reach::Contexts,
        K::Fire | K::Cancel | K::AfterFunc | K::StopAfterFunc => Reach::All,
        // A deadline that has passed cancels at once.
        K::Arm if event.value == 0 => Reach::All,
        K::Sleep | K::Now => Reach::Time,
        // Who waits for a task changes nothing, and plain accesses that see each other are races.
        K::Join | K::Yield | K::Fence | K::Choose | K::Panic | K::Goexit => Reach::Nothing,
        K::Read | K::Iterate | K::Write => Reach::Nothing,
        K::Select
        | K::Send
        | K::Recv
        | K::TrySend
        | K::TrySendFail
        | K::TryRecv
        | K::TryRecvFail
        | K::Close
        | K::Len
        | K::DropSender
        | K::DropReceiver
        // They take back a tick that nobody has received.
        | K::StopTimer
        | K::ResetTimer
            if has_selects =>
        {
            Reach::Channels
        }
        _ => event.object.map_or(Reach::All, Reach::Object),
    }
}

/// Whether two operations that reach the same, in either order, do the same.
pub(super) fn commute(a: OpKind, b: OpKind, has_foreign_unlocks: bool) -> bool {
    use OpKind as K;
    let either = |one: &[K], other: &[K]| {
        one.contains(&a) && other.contains(&b) || one.contains(&b) && other.contains(&a)
    };
    let unlocks = [K::Unlock, K::ReadUnlock];
    (a.only_looks() && b.only_looks())
        // Who waits is let on by an edge.
        || !has_foreign_unlocks && either(&unlocks, &[K::Lock, K::ReadLock, K::WriteLock, K::Unlock, K::ReadUnlock])
        || either(&[K::ReadLock], &[K::ReadLock])
        || either(&[K::Send], &[K::Recv, K::DropSender])
        || either(&[K::DropSender], &[K::DropSender])
        || either(&[K::OnceBegin], &[K::OnceEnd])
        || either(&[K::WgAdd], &[K::WgAdd])
        || either(&[K::WgDone, K::WgWait], &[K::WgDone, K::WgWait])
        // The time changes only as timers fire.
        || either(&[K::Sleep, K::Now], &[K::Sleep, K::Now])
        || either(&[K::NewContext, K::ContextErr], &[K::NewContext, K::ContextErr])
        // Tasks come and go; only who counts them sees it.
        || either(&[K::Spawn, K::Exit, K::Finish], &[K::Spawn, K::Exit, K::Finish])
        || either(&[K::NumGoroutine, K::IsFinished], &[K::NumGoroutine, K::IsFinished])
}
