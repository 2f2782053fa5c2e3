//! Putting a pair into the dependency table that does not belong there costs executions in some program.
//! (That none is missing and each is needed: see [`super::commute`].)

use super::driver::{plan, run};
use super::generate::{Theme, program};
use super::program::Program;
use crate::dependency::mutation::with_flipped;
use crate::explore::DepthFirst;
use crate::{AccessKind, DEPENDENT, Execution};
use gorace_analyzer_core::trace::Ended;
use std::collections::BTreeSet;

use AccessKind as K;

/// The kinds that can meet at one object, and what random programs bring them together.
const CLASSES: &[(&[K], &[Theme])] = &[
    (&[K::Read, K::Write, K::Update], &[Theme::Registers]),
    (
        &[K::Lock, K::Unlock, K::ForeignUnlock, K::TryLock, K::TryLockFail, K::IsPoisoned, K::ClearPoison],
        &[Theme::Locks, Theme::Poison, Theme::Releases],
    ),
    (&[K::Wait, K::NotifyOne, K::NotifyAll], &[Theme::Condvars]),
    (&[K::WaitInLine, K::NotifyOne, K::NotifyAll], &[Theme::InLine]),
    (
        &[
            K::Send,
            K::Recv,
            K::Close,
            K::Len,
            K::TrySend,
            K::TrySendFail,
            K::TryRecv,
            K::TryRecvFail,
            K::Poll,
            K::Withdraw,
        ],
        &[Theme::Channels, Theme::Selects, Theme::Attempts],
    ),
    (
        &[
            K::Send,
            K::Recv,
            K::TrySend,
            K::TrySendFail,
            K::TryRecv,
            K::TryRecvFail,
            K::DropSender,
            K::DropReceiver,
            K::Poll,
        ],
        &[Theme::Pipes],
    ),
    (&[K::Exit, K::IsFinished], &[Theme::Tasks]),
    (&[K::Spawn, K::Exit, K::CountTasks], &[Theme::Counting]),
    (
        &[
            K::ReadLock,
            K::WriteLock,
            K::ReadUnlock,
            K::WriteUnlock,
            K::ForeignRwUnlock,
            K::TryReadLock,
            K::TryReadLockFail,
            K::TryWriteLock,
            K::TryWriteLockFail,
            K::IsPoisoned,
            K::ClearPoison,
        ],
        &[Theme::RwLocks, Theme::Releases],
    ),
    (&[K::OnceBegin, K::OnceForce, K::OnceEnd, K::OncePoison, K::OnceWait, K::OnceGet], &[Theme::Onces]),
    (&[K::BarrierWait], &[Theme::Barriers]),
    (&[K::WgAdd, K::WgDone, K::WgLastDone, K::WgOverdraw, K::WgWait], &[Theme::WaitGroups]),
    (&[K::Park, K::Unpark], &[Theme::Parking, Theme::Wakers]),
    (&[K::Fire, K::Arm, K::Now], &[Theme::Time]),
    (&[K::SetTimer], &[Theme::Time, Theme::Timers]),
    (&[K::Timeout, K::Wait, K::NotifyOne, K::NotifyAll], &[Theme::Time]),
    (&[K::Timeout, K::Park, K::Unpark], &[Theme::Time]),
    (&[K::Read, K::Write, K::Update, K::FutexWait, K::FutexWake], &[Theme::Words]),
    (&[K::Timeout, K::FutexWait, K::FutexWake], &[Theme::Words]),
    (&[K::Timeout, K::Send, K::TrySend, K::TrySendFail, K::DropSender], &[Theme::Pipes]),
    (&[K::RecvTimeout, K::Send, K::DropSender], &[Theme::Pipes]),
    (&[K::ContextErr, K::Close], &[Theme::Contexts]),
];

/// Programs of each theme.
const PROGRAMS: u64 = 250;

/// Complete executions beyond which a program is too slow for this.
const LARGEST: u64 = 200;

struct Known {
    program: Program,
    complete: u64,
}

/// The number of complete executions, if it is at most `limit`.
fn count(program: &Program, limit: u64) -> Option<u64> {
    let mut search = DepthFirst::default();
    let mut execution = Execution::default();
    let mut complete = 0;
    while let Some(selection) = search.next() {
        let (_, ended) = run(&mut execution, &plan(selection), program);
        assert!(matches!(ended, Ended::Quiescent | Ended::Abandoned), "{}: {ended:?}", program.text);
        complete += u64::from(search.absorb(&mut execution, ended == Ended::Quiescent));
        if complete > limit {
            return None;
        }
    }
    Some(complete)
}

fn corpus(themes: &[Theme]) -> Vec<Known> {
    let programs = themes.iter().flat_map(|theme| (1..=PROGRAMS).map(|seed| program(*theme, seed)));
    let known = |program: Program| Some(Known { complete: count(&program, LARGEST)?, program });
    programs.filter_map(known).collect()
}

fn pairs(kinds: &[K]) -> impl Iterator<Item = (K, K)> + '_ {
    kinds.iter().enumerate().flat_map(|(i, a)| kinds[i..].iter().map(|b| (*a, *b)))
}

fn is_listed(a: K, b: K) -> bool {
    DEPENDENT.iter().any(|(x, y, _)| (*x, *y) == (a, b) || (*x, *y) == (b, a))
}

#[test]
fn every_kind_has_its_class_and_no_pair_crosses_classes() {
    let all: BTreeSet<K> = CLASSES.iter().flat_map(|(kinds, _)| kinds.iter().copied()).collect();
    assert_eq!(all, K::ALL.iter().copied().collect());
    for (a, b, _) in DEPENDENT {
        assert!(CLASSES.iter().any(|(kinds, _)| kinds.contains(a) && kinds.contains(b)), "{a:?} {b:?}");
    }
}

/// Pairs of which one is always ordered before the other anyhow, so that an entry would change nothing.
const ORDERED_ANYHOW: &[(K, K)] = &[
    // The second holder's lock waited for the first one's release.
    (K::Unlock, K::Unlock),
    // Poison is left by whoever holds the lock.
    (K::ForeignUnlock, K::IsPoisoned),
    (K::ForeignUnlock, K::ClearPoison),
    (K::ForeignRwUnlock, K::IsPoisoned),
    (K::ForeignRwUnlock, K::ClearPoison),
    // Readers and a writer hold it one after the other.
    (K::ReadUnlock, K::WriteUnlock),
    (K::WriteUnlock, K::WriteUnlock),
    // Whether one may read changes only by what both depend on.
    (K::TryReadLock, K::TryReadLockFail),
    // The second one's begin waited for the first one's end.
    (K::OnceEnd, K::OnceEnd),
    (K::OnceEnd, K::OncePoison),
    (K::OncePoison, K::OncePoison),
    // Of one task.
    (K::Park, K::Park),
    // Of one task, as there is one receiver.
    (K::Recv, K::DropReceiver),
    (K::TryRecv, K::DropReceiver),
    (K::TryRecvFail, K::DropReceiver),
    (K::DropReceiver, K::DropReceiver),
    (K::DropReceiver, K::Poll),
    // The clock's alone.
    (K::Fire, K::Fire),
    (K::Timeout, K::Timeout),
    // Of one task.
    (K::Timeout, K::Park),
    // A wait may start a timer: the clock's sides of the two are dependent.
    (K::Timeout, K::FutexWait),
    // Of one state there is only the one or the other.
    (K::WgDone, K::WgLastDone),
    (K::RecvTimeout, K::RecvTimeout),
    // A select is withdrawn once.
    (K::Withdraw, K::Withdraw),
];

#[test]
fn each_needless_entry_would_cost_executions_1_of_2() {
    needless_entries_cost_executions(0);
}

#[test]
fn each_needless_entry_would_cost_executions_2_of_2() {
    needless_entries_cost_executions(1);
}

/// Every second one: the two halves run at the same time.
fn needless_entries_cost_executions(half: usize) {
    let mut wrong = Vec::new();
    let mut tried = BTreeSet::new();
    for (kinds, themes) in CLASSES {
        let corpus = corpus(themes);
        for (a, b) in pairs(kinds).filter(|(a, b)| !is_listed(*a, *b)) {
            if !tried.insert((a, b)) || tried.len() % 2 != half {
                continue;
            }
            let costs =
                |known: &Known| with_flipped(a, b, || count(&known.program, known.complete)).is_none();
            if corpus.iter().any(costs) == ORDERED_ANYHOW.contains(&(a, b)) {
                wrong.push((a, b));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}
