//! The dependency relation: which operations on one object do not commute.
//!
//! Everything that is not listed in [`DEPENDENT`] is independent; what then orders the two is a causal edge
//! of the trace (an unlock before the lock that it let in), never this table. A missing pair loses bugs, a
//! needless one only costs executions. Source: Mazurkiewicz 1977 for the notion; the pairs follow from each
//! primitive's own definition, and the reason stands beside each.
//!
//! All operations arrive in the order in which they are run and are never disabled by another one; see
//! `docs/ARCHITECTURE.md` for why the table is as small as it is.

macro_rules! access_kinds {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// How an operation accesses an object.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u8)]
        pub enum AccessKind { $($(#[$doc])* $name,)* }

        impl AccessKind {
            /// All there are, in the order of their numbers.
            pub const ALL: &[AccessKind] = &[$(AccessKind::$name,)*];
        }

        const COUNT: usize = [$(AccessKind::$name,)*].len();
    };
}

access_kinds! {
    /// Atomic load, or a compare-exchange that would fail.
    Read,
    /// Atomic store.
    Write,
    /// Successful read-modify-write.
    Update,
    /// Arrival at a mutex.
    Lock,
    /// Release of a mutex.
    Unlock,
    /// Release of a mutex by a task that does not hold it.
    ForeignUnlock,
    /// `try_lock` that succeeds.
    TryLock,
    /// `try_lock` that fails.
    TryLockFail,
    /// `is_poisoned`.
    IsPoisoned,
    /// `clear_poison`.
    ClearPoison,
    /// Arrival at a condvar.
    Wait,
    /// Arrival at a condvar that wakes in the order of arrival.
    WaitInLine,
    /// `notify_one`.
    NotifyOne,
    /// `notify_all`.
    NotifyAll,
    /// Arrival of a sender.
    Send,
    /// Arrival of a receiver.
    Recv,
    /// Close of a channel.
    Close,
    /// Look at a channel's length.
    Len,
    /// `try_send` that succeeds.
    TrySend,
    /// `try_send` that fails.
    TrySendFail,
    /// `try_recv` that gets a value or sees the close.
    TryRecv,
    /// `try_recv` that finds nothing.
    TryRecvFail,
    /// A select looks at a channel of its arms.
    Poll,
    /// Somebody completes a parked select and so withdraws it from this other channel of its arms.
    Withdraw,
    /// Start of a task.
    Spawn,
    /// End of a task's closure: its exit, if no destructors come between.
    Exit,
    /// Question how many tasks there are.
    CountTasks,
    /// Question whether a task's closure is done.
    IsFinished,
    /// Arrival at a read-write lock, to share it.
    ReadLock,
    /// Arrival at a read-write lock, to have it alone.
    WriteLock,
    /// Release of a share.
    ReadUnlock,
    /// Release by a writer.
    WriteUnlock,
    /// Release of a read-write lock by a task that does not hold it so.
    ForeignRwUnlock,
    /// `try_read` that succeeds.
    TryReadLock,
    /// `try_read` that fails.
    TryReadLockFail,
    /// `try_write` that succeeds.
    TryWriteLock,
    /// `try_write` that fails.
    TryWriteLockFail,
    /// Arrival at an initialisation.
    OnceBegin,
    /// Arrival at an initialisation that may come after one that poisoned.
    OnceForce,
    /// End of an initialisation.
    OnceEnd,
    /// End of an initialisation that poisons.
    OncePoison,
    /// Arrival of one who waits for an initialisation, which poison ends.
    OnceWait,
    /// Look whether it is initialised.
    OnceGet,
    /// Arrival at a barrier.
    BarrierWait,
    /// Increase of a wait group.
    WgAdd,
    /// Decrease of a wait group.
    WgDone,
    /// Decrease of a wait group to zero: another one would make it negative.
    WgLastDone,
    /// Decrease of a wait group that makes it negative.
    WgOverdraw,
    /// Arrival at a wait group.
    WgWait,
    /// Drop of a sender.
    DropSender,
    /// Drop of the receiver.
    DropReceiver,
    /// A timer fires.
    Fire,
    /// A timer is started or stopped: the clock's side of it.
    Arm,
    /// Look at the clock.
    Now,
    /// A timer is started or stopped: the timer's side of it.
    SetTimer,
    /// A timer ends a waiting.
    Timeout,
    /// Arrival of a receiver that starts a timer if it has to wait; beside [`AccessKind::Recv`].
    RecvTimeout,
    /// Look whether a context is cancelled, or be put below it.
    ContextErr,
    /// Wait for a token.
    Park,
    /// Gift of a token.
    Unpark,
    /// Look at a word, to wait while it is what was expected.
    FutexWait,
    /// Wake of those who wait on a word.
    FutexWake,
}

use AccessKind::*;

/// The dependent pairs, each with its reason. The relation is symmetric; each pair stands once.
pub const DEPENDENT: &[(AccessKind, AccessKind, &str)] = &[
    // Atomics (sequentially consistent values).
    (Read, Write, "the read sees the write or not"),
    (Read, Update, "the read sees the update or not"),
    (Write, Write, "the later value stays"),
    (Write, Update, "the update sees the write or not"),
    (Update, Update, "each sees the other or not"),
    // Mutex. Lock-Unlock and Unlock-Unlock commute: who is let in is decided by the order of arrival.
    (Lock, Lock, "the first to arrive gets it first"),
    (Lock, TryLock, "an arrival makes a later try fail"),
    (Lock, TryLockFail, "an arrival makes a later try fail"),
    (Unlock, TryLock, "a try succeeds only after the unlock"),
    (Unlock, TryLockFail, "a try succeeds only after the unlock"),
    (TryLock, TryLock, "one makes the other fail"),
    (TryLock, TryLockFail, "one makes the other fail"),
    (ForeignUnlock, Lock, "there must be somebody whose lock it releases"),
    (ForeignUnlock, TryLock, "there must be somebody whose lock it releases"),
    (ForeignUnlock, TryLockFail, "a try succeeds only after the unlock"),
    (ForeignUnlock, Unlock, "the second one fails, or releases the next one's lock"),
    (ForeignUnlock, ForeignUnlock, "the second one fails, or releases the next one's lock"),
    // Poison. An unlock may poison, and a lock sees it. Only writers poison, but whoever waited for a reader sees what
    // is so when the reader goes.
    (IsPoisoned, Unlock, "the unlock of a panicking task poisons"),
    (IsPoisoned, WriteUnlock, "the release by a panicking task poisons"),
    (IsPoisoned, ClearPoison, "the answer changes"),
    (ClearPoison, Unlock, "the later one decides"),
    (ClearPoison, Lock, "the lock sees the poison or not"),
    (ClearPoison, TryLock, "the lock sees the poison or not"),
    (ClearPoison, WriteUnlock, "the later one decides"),
    (ClearPoison, ReadUnlock, "the writer that it lets in sees the poison or not"),
    (ClearPoison, ReadLock, "the lock sees the poison or not"),
    (ClearPoison, WriteLock, "the lock sees the poison or not"),
    (ClearPoison, TryReadLock, "the lock sees the poison or not"),
    (ClearPoison, TryWriteLock, "the lock sees the poison or not"),
    // Condvar. Wait-Wait commutes: any waiter may be woken.
    (WaitInLine, WaitInLine, "the first to arrive is woken first"),
    (WaitInLine, NotifyOne, "a notification before the wait is lost"),
    (WaitInLine, NotifyAll, "a notification before the wait is lost"),
    (Wait, NotifyOne, "a notification before the wait is lost"),
    (Wait, NotifyAll, "a notification before the wait is lost"),
    (NotifyOne, NotifyOne, "which of them wakes whom"),
    (NotifyOne, NotifyAll, "which of them wakes whom"),
    (NotifyAll, NotifyAll, "either alone wakes the waiter: the edge comes from the first"),
    // Channels. Send-Recv commutes: the i-th send meets the i-th receive in either order.
    (Send, Send, "the order of the values"),
    (Recv, Recv, "who gets which value"),
    (Close, Send, "a send after the close panics"),
    (Close, Recv, "a receive that finds nothing waits before the close and ends after it"),
    (Close, Close, "the second one panics"),
    (
        Close,
        Len,
        "conservative: a close drops parked senders, so that a later receive frees no room for them",
    ),
    (Len, Send, "the length changes"),
    (Len, Recv, "the length changes"),
    (Len, TrySend, "the length changes"),
    (Len, TryRecv, "the length changes"),
    (TrySend, Send, "the order of the values"),
    (TrySend, Recv, "an arrived receiver makes room"),
    (TrySend, Close, "a send after the close panics"),
    (TrySend, TrySend, "the order of the values"),
    (TrySend, TrySendFail, "the first may take the last room"),
    (TrySend, TryRecv, "room, and a value to find"),
    (TrySend, TryRecvFail, "a value to find"),
    (TrySendFail, Send, "an arrived sender takes the last room"),
    (TrySendFail, Recv, "an arrived receiver makes room"),
    (TrySendFail, Close, "a send after the close panics"),
    (TrySendFail, TryRecv, "a receive makes room"),
    (TryRecv, Send, "a value to find"),
    (TryRecv, Recv, "who gets which value"),
    (TryRecv, Close, "closed, or nothing to find"),
    (TryRecv, TryRecv, "who gets which value"),
    (TryRecv, TryRecvFail, "the first may take the last value"),
    (TryRecvFail, Send, "a value to find"),
    (TryRecvFail, Recv, "an arrived receiver takes the last value"),
    (TryRecvFail, Close, "closed, or nothing to find"),
    // Select. A poll sees what is ready, and parks where nothing is.
    (Poll, Send, "ready or not"),
    (Poll, Recv, "ready or not"),
    (Poll, Close, "ready or not"),
    (Poll, TrySend, "ready or not"),
    (Poll, TrySendFail, "a parked receive arm makes room"),
    (Poll, TryRecv, "ready or not"),
    (Poll, TryRecvFail, "a parked send arm is a value to find"),
    (Poll, Poll, "two selects may complete each other, and are served in order"),
    (Poll, Withdraw, "a withdrawn arm is no partner"),
    (Poll, Len, "a select that takes a value changes the length"),
    (Withdraw, Send, "a withdrawn arm is no partner"),
    (Withdraw, Recv, "a withdrawn arm is no partner"),
    (Withdraw, Close, "a withdrawn arm is no partner"),
    (Withdraw, TrySend, "a withdrawn arm is no partner"),
    (Withdraw, TrySendFail, "a withdrawn arm is no partner"),
    (Withdraw, TryRecv, "a withdrawn arm is no partner"),
    (Withdraw, TryRecvFail, "a withdrawn arm is no partner"),
    // Read-write lock, granted in the order of arrival. Arrivals and releases commute, as for a mutex, and so do
    // two readers.
    (ReadLock, WriteLock, "the first to arrive gets it first"),
    (WriteLock, WriteLock, "the first to arrive gets it first"),
    (TryReadLock, WriteLock, "an arrived writer makes it fail"),
    (TryReadLock, WriteUnlock, "it succeeds only after the release"),
    (TryReadLock, TryWriteLock, "one makes the other fail"),
    (TryReadLock, TryWriteLockFail, "the reader makes the writer fail"),
    (TryReadLockFail, WriteLock, "an arrived writer makes it fail"),
    (TryReadLockFail, WriteUnlock, "it succeeds only after the release"),
    (TryReadLockFail, TryWriteLock, "the writer makes the reader fail"),
    (TryWriteLock, ReadLock, "an arrived reader makes it fail"),
    (TryWriteLock, WriteLock, "an arrived writer makes it fail"),
    (TryWriteLock, ReadUnlock, "it succeeds only after the release"),
    (TryWriteLock, WriteUnlock, "it succeeds only after the release"),
    (TryWriteLock, TryWriteLock, "one makes the other fail"),
    (TryWriteLock, TryWriteLockFail, "the first makes the second fail"),
    (TryWriteLockFail, ReadLock, "an arrived reader makes it fail"),
    (TryWriteLockFail, WriteLock, "an arrived writer makes it fail"),
    (TryWriteLockFail, ReadUnlock, "it succeeds only after the release"),
    (TryWriteLockFail, WriteUnlock, "it succeeds only after the release"),
    (ForeignRwUnlock, ReadLock, "there must be somebody whose share it releases"),
    (ForeignRwUnlock, WriteLock, "there must be somebody whose lock it releases"),
    (ForeignRwUnlock, ReadUnlock, "the last one fails, or releases the next one's"),
    (ForeignRwUnlock, WriteUnlock, "the last one fails, or releases the next one's"),
    (ForeignRwUnlock, TryReadLock, "there must be somebody whose share it releases"),
    (ForeignRwUnlock, TryReadLockFail, "a try succeeds only after the release"),
    (ForeignRwUnlock, TryWriteLock, "there must be somebody whose lock it releases"),
    (ForeignRwUnlock, TryWriteLockFail, "a try succeeds only after the release"),
    (ForeignRwUnlock, ForeignRwUnlock, "the last one fails, or releases the next one's"),
    // Initialisation. Begin-End commutes: whoever comes in between waits, and goes on after it either way. So does
    // Wait-End, unless somebody who forces it initialises at once.
    (OnceBegin, OnceBegin, "the first to arrive initialises"),
    (OnceBegin, OnceForce, "the first to arrive initialises"),
    (OnceForce, OnceForce, "the first to arrive initialises"),
    (OnceWait, OnceForce, "at a poisoned one a wait fails, but not while it is initialised once more"),
    (OnceWait, OncePoison, "a wait fails, but not while somebody who was in line initialises once more"),
    (OnceGet, OnceEnd, "the answer changes"),
    // Barrier.
    (BarrierWait, BarrierWait, "the last to arrive is the leader, and opens it"),
    // Wait group. Done-Done commutes unless the counter could go below zero; a wait waits for the last one.
    (WgAdd, WgDone, "without the increase the counter becomes zero"),
    (WgAdd, WgLastDone, "without the increase the counter becomes negative"),
    (WgLastDone, WgLastDone, "of two in one state, the later one makes it negative"),
    (WgAdd, WgWait, "a wait at zero does not wait"),
    (WgOverdraw, WgAdd, "without the increase the counter becomes negative"),
    (
        WgOverdraw,
        WgDone,
        "conservative: of several decreases, any may stand for the last one that is not too many",
    ),
    (WgOverdraw, WgLastDone, "the later one makes it negative"),
    // Counted channels. A blocking receive waits for the last drop, whoever comes first.
    (DropSender, TryRecv, "ended, or only empty"),
    (DropSender, TryRecvFail, "ended, or only empty"),
    (DropSender, Poll, "ready or not"),
    (DropReceiver, Send, "a send after it gives the value back"),
    (DropReceiver, TrySend, "a send after it gives the value back"),
    (DropReceiver, TrySendFail, "full, or nobody there"),
    // Time. Two arms commute: timers of one deadline are in an order that no schedule changes.
    (Fire, Arm, "a new timer may be the earliest, and its deadline depends on the time"),
    (Fire, Now, "the time changes"),
    (SetTimer, SetTimer, "the later one counts"),
    (Timeout, NotifyOne, "notified, or timed out"),
    (Timeout, NotifyAll, "notified, or timed out"),
    (Timeout, Unpark, "woken, or timed out"),
    (RecvTimeout, Send, "only who waits starts a timer"),
    (RecvTimeout, DropSender, "only who waits starts a timer"),
    (Timeout, Send, "received, or timed out"),
    (Timeout, TrySend, "received, or timed out"),
    (Timeout, TrySendFail, "a receiver that waits takes the value"),
    (Timeout, DropSender, "ended, or timed out"),
    // Contexts: cancelling closes.
    (ContextErr, Close, "cancelled, or not yet"),
    // Tokens.
    (Park, Unpark, "a gift to a thread that has its token is lost"),
    (Unpark, Unpark, "either alone lets the thread on: the edge comes from the first"),
    // Words. A wake looks at none: it commutes with reads and writes. Waits commute: any waiter may be woken.
    (FutexWait, Write, "it waits only while the word is what it expects"),
    (FutexWait, Update, "it waits only while the word is what it expects"),
    (FutexWait, FutexWake, "a wake before the wait wakes nobody"),
    (FutexWake, FutexWake, "which of them wakes whom"),
    (Timeout, FutexWake, "woken, or timed out"),
    // Tasks. Exit-Join commutes: the join waits.
    (Exit, IsFinished, "the answer changes"),
    (CountTasks, Spawn, "the number changes"),
    (CountTasks, Exit, "the number changes"),
];

const MATRIX: [u128; COUNT] = {
    let mut matrix = [0; COUNT];
    let mut i = 0;
    while i < DEPENDENT.len() {
        let (a, b) = (DEPENDENT[i].0 as usize, DEPENDENT[i].1 as usize);
        matrix[a] |= 1 << b;
        matrix[b] |= 1 << a;
        i += 1;
    }
    matrix
};

const _: () = assert!(COUNT <= 128, "a row of the matrix is a u128");

impl AccessKind {
    /// Whether two accesses to one object, of these kinds and by different tasks, do not commute.
    pub fn depends_on(self, other: AccessKind) -> bool {
        #[cfg(test)]
        if mutation::is_flipped(self, other) {
            return MATRIX[self as usize] & (1 << other as u32) == 0;
        }
        MATRIX[self as usize] & (1 << other as u32) != 0
    }
}

impl AccessKind {
    /// Whether operations that complete others' or let timers fire may depend on it, depending on the state: on
    /// which selects are parked, which timer is the next, what is below a context or starts after it.
    pub(crate) fn can_be_reached(self) -> bool {
        use AccessKind as K;
        matches!(
            self,
            K::Send
                | K::Recv
                | K::Close
                | K::Len
                | K::TrySend
                | K::TrySendFail
                | K::TryRecv
                | K::TryRecvFail
                | K::Poll
                | K::Withdraw
                | K::DropSender
                | K::DropReceiver
                | K::Fire
                | K::Timeout
                | K::ContextErr
                | K::NotifyOne
                | K::NotifyAll
                | K::Wait
                | K::Park
                | K::Unpark
                | K::FutexWait
                | K::FutexWake
                | K::Arm
                | K::Now
                | K::SetTimer
                | K::CountTasks
        )
    }
}

/// One wrong entry, for the tests of the table.
#[cfg(test)]
pub(crate) mod mutation {
    use super::AccessKind;
    use std::cell::Cell;

    thread_local! {
        static FLIPPED: Cell<Option<(AccessKind, AccessKind)>> = const { Cell::new(None) };
    }

    pub(super) fn is_flipped(a: AccessKind, b: AccessKind) -> bool {
        FLIPPED.get().is_some_and(|pair| pair == (a, b) || pair == (b, a))
    }

    /// Runs `f` with the answer for this pair turned round.
    pub(crate) fn with_flipped<R>(a: AccessKind, b: AccessKind, f: impl FnOnce() -> R) -> R {
        FLIPPED.set(Some((a, b)));
        let result = f();
        FLIPPED.set(None);
        result
    }
}
