//! Programs with known numbers of Mazurkiewicz traces.
//!
//! The numbers are closed forms, counts published with GenMC and Nidhugg for sequential consistency, and
//! brute force over all interleavings (in another language, on another model); which of these is said at each.

use super::driver::{exhaust, explore};
use super::program::{Program, Stmt, Task, line};
use crate::explore::Strategy;
use Stmt::{Add, Cas, Lock, NotifyOne, Read, Recv, Send, TryLock, Unlock, Wait, Write};
use std::rc::Rc;

#[track_caller]
fn assert_traces(program: &Program, traces: u64, stuck: u64) {
    let explored = exhaust(program);
    assert_eq!((explored.complete, explored.stuck), (traces, stuck), "{}", program.text);
    assert_eq!(explored.redundant, 0, "{}", program.text);
}

#[track_caller]
fn assert_bounded(program: &Program, traces: &[u64]) {
    for (bound, traces) in (0..).zip(traces) {
        let explored = explore(program, Strategy::Exhaustive, Some(bound), u64::MAX);
        assert_eq!(explored.complete, *traces, "bound {bound}: {}", program.text);
    }
}

fn program(name: &str, tasks: Vec<Task>) -> Program {
    Program::new(name, tasks)
}

fn same(n: usize, stmts: Vec<Stmt>) -> Vec<Task> {
    (0..n).map(|_| line(stmts.clone())).collect()
}

#[test]
fn readers_two_to_the_n() {
    for n in 1..=7 {
        assert_traces(&readers(n), 1 << n, 0);
    }
}

/// One writes, the others read.
pub fn readers(n: usize) -> Program {
    let mut tasks = vec![line(vec![Write(0, 42)])];
    tasks.extend(same(n, vec![Read(0)]));
    program("readers", tasks)
}

pub fn lastzero(n: usize) -> Program {
    // Reads from the end on until it finds a 0; every read before gave something else.
    let reader: Task = Rc::new(move |results| match results.last() {
        Some(value) if value.int() == 0 => None,
        _ => Some(Read(n - results.len())),
    });
    let writer = |j: usize| -> Task {
        Rc::new(move |results| match results {
            [] => Some(Read(j - 1)),
            [value] => Some(Write(j, value.int() + 1)),
            _ => None,
        })
    };
    let tasks = std::iter::once(reader).chain((1..=n).map(writer)).collect();
    program("lastzero", tasks).with_registers(&vec![0; n + 1])
}

#[test]
fn lastzero_closed_form() {
    for n in 2..=7 {
        assert_traces(&lastzero(n), (n as u64 + 3) << (n - 2), 0);
    }
}

fn increment(x: usize) -> impl Fn(&[super::program::Val]) -> Option<Stmt> {
    move |results| match results {
        [] => Some(Read(x)),
        [value] => Some(Write(x, value.int() + 1)),
        _ => None,
    }
}

pub fn sections(n: usize, m: usize) -> Program {
    let task = || -> Task {
        Rc::new(move |results| {
            if results.len() == 4 * m {
                return None;
            }
            Some(match results.len() % 4 {
                0 => Lock(0),
                1 => Read(0),
                2 => Write(0, results[results.len() - 1].int() + 1),
                _ => Unlock(0),
            })
        })
    };
    program("critical sections", (0..n).map(|_| task()).collect())
}

#[test]
fn critical_sections_multinomial() {
    // (nm)! / (m!)^n
    for (n, m, traces) in [(2, 1, 2), (2, 2, 6), (3, 1, 6), (3, 2, 90), (2, 3, 20), (2, 4, 70), (4, 1, 24)] {
        assert_traces(&sections(n, m), traces, 0);
    }
    // Bounded: brute force.
    assert_bounded(&sections(3, 1), &[6]);
    assert_bounded(&sections(2, 2), &[2, 6]);
    assert_bounded(&sections(2, 3), &[2, 10, 20]);
    assert_bounded(&sections(3, 2), &[6, 48, 90]);
}

#[test]
fn writers_factorial() {
    let writer = |i: usize| line(vec![Write(0, i as i64 + 1)]);
    for (n, traces) in [(2, 2), (3, 6), (4, 24), (5, 120), (6, 720)] {
        assert_traces(&program("writers", (0..n).map(writer).collect()), traces, 0);
    }
    for (n, traces) in [(3, 24), (5, 720)] {
        let tasks = (0..n).map(writer).chain([line(vec![Read(0)])]).collect();
        assert_traces(&program("writers and a reader", tasks), traces, 0);
    }
}

#[test]
fn litmus_tests() {
    // Sequentially consistent: three of the four ends (GenMC).
    let shapes = [
        ("mp", [vec![Write(0, 1), Write(1, 1)], vec![Read(1), Read(0)]]),
        ("sb", [vec![Write(0, 1), Read(1)], vec![Write(1, 1), Read(0)]]),
        ("lb", [vec![Read(0), Write(1, 1)], vec![Read(1), Write(0, 1)]]),
        ("2+2w", [vec![Write(0, 1), Write(1, 2)], vec![Write(1, 1), Write(0, 2)]]),
    ];
    for (name, tasks) in shapes {
        let program = program(name, tasks.into_iter().map(line).collect());
        assert_traces(&program, 3, 0);
        assert_bounded(&program, &[2, 3]);
    }
    let iriw = [vec![Write(0, 1)], vec![Write(1, 1)], vec![Read(0), Read(1)], vec![Read(1), Read(0)]];
    let iriw = program("iriw", iriw.into_iter().map(line).collect());
    assert_traces(&iriw, 15, 0);
    assert_bounded(&iriw, &[14, 15]);
}

#[test]
fn store_buffer_ring() {
    // 2^n - 1: all but "every read comes before the write it looks at".
    for n in 2..=6 {
        let task = |i: usize| line(vec![Write(i, 1), Read((i + 1) % n)]);
        assert_traces(&program("sb ring", (0..n).map(task).collect()), (1 << n) - 1, 0);
    }
}

/// Each takes the left fork, then the right one.
pub fn dining(n: usize) -> Program {
    let task = |i: usize| {
        let (a, b) = (i, (i + 1) % n);
        line(vec![Lock(a), Lock(b), Unlock(b), Unlock(a)])
    };
    let mut dining = program("dining", (0..n).map(task).collect());
    dining.locks = n;
    dining
}

/// Programs with much to explore below single sequences, and how many traces they have.
pub fn large_below() -> [(Program, u64); 3] {
    [
        // (nm)! / (m!)^n
        (sections(3, 3), 1_680),
        (sections(4, 2), 2_520),
        // 2^n - 1
        (dining(9), 511),
    ]
}

#[test]
fn dining_philosophers() {
    // 2^n - 1, in one of which everybody holds one fork.
    for n in 2..=5 {
        let dining = dining(n);
        assert_traces(&dining, (1 << n) - 1, 1);
        if n == 3 {
            assert_bounded(&dining, &[6, 7]);
        }
        // The last one takes the lower fork first: 2^n - 2, no deadlock.
        let ordered = |i: usize| {
            let (a, b) = (i.min((i + 1) % n), i.max((i + 1) % n));
            line(vec![Lock(a), Lock(b), Unlock(b), Unlock(a)])
        };
        if n > 2 {
            assert_traces(&program("ordered", (0..n).map(ordered).collect()), (1 << n) - 2, 0);
        }
    }
}

#[test]
fn opposite_lock_order() {
    let take = |a, b| line(vec![Lock(a), Lock(b), Unlock(b), Unlock(a)]);
    let program = program("ab_ba", vec![take(0, 1), take(1, 0)]);
    assert_traces(&program, 3, 1);
    assert_bounded(&program, &[2, 3]);
}

#[test]
fn lost_wakeup() {
    let waiter: Task = Rc::new(|results| {
        let seen = results.get(1).is_some_and(|value| value.int() != 0);
        let stmts: &[Stmt] = if seen {
            &[Lock(0), Read(0), Unlock(0)]
        } else {
            &[Lock(0), Read(0), Wait(0, 0), Lock(0), Unlock(0)]
        };
        stmts.get(results.len()).cloned()
    });
    let program = program("lost wakeup", vec![waiter, line(vec![Write(0, 1), NotifyOne(0)])]);
    assert_traces(&program, 3, 1);
    assert_bounded(&program, &[2, 3]);
}

fn messages(producers: usize, per: usize, consumers: usize, capacity: usize) -> Program {
    let producer = |i: usize| line((0..per).map(|k| Send(0, (10 * i + k) as i64)).collect());
    let consumer = |_| line(vec![Recv(0); producers * per / consumers]);
    let tasks = (0..producers).map(producer).chain((0..consumers).map(consumer)).collect();
    program("messages", tasks).with_channels(&[capacity])
}

#[test]
fn channels_count_the_orders_of_arrival() {
    // One producer, one consumer: 1, whatever the capacity. Else the orders of sends times those of receives.
    for (capacity, per) in [(1, 2), (1, 3), (2, 3)] {
        assert_traces(&messages(1, per, 1, capacity), 1, 0);
    }
    for (producers, per, consumers, capacity, traces) in [
        (2, 1, 1, 0, 2),
        (2, 2, 1, 0, 6),
        (3, 1, 1, 0, 6),
        (3, 2, 1, 0, 90),
        (4, 1, 1, 0, 24),
        (2, 1, 2, 0, 4),
        (2, 2, 2, 0, 36),
        (2, 2, 1, 1, 6),
    ] {
        assert_traces(&messages(producers, per, consumers, capacity), traces, 0);
    }
}

/// A bounded buffer of a mutex and two condvars: one task fills it `m` times, the other empties it.
fn monitor(capacity: i64, m: usize) -> Program {
    let side = move |blocked: fn(i64, i64) -> bool, by: i64, own: usize, other: usize| -> Task {
        Rc::new(move |results| {
            let mut rest = results.iter();
            for _ in 0..m {
                let Some(_) = rest.next() else { return Some(Lock(0)) };
                let found = loop {
                    let Some(found) = rest.next() else { return Some(Read(0)) };
                    if !blocked(found.int(), capacity) {
                        break found.int();
                    }
                    let Some(_) = rest.next() else { return Some(Wait(own, 0)) };
                    let Some(_) = rest.next() else { return Some(Lock(0)) };
                };
                for stmt in [Write(0, found + by), NotifyOne(other), Unlock(0)] {
                    let Some(_) = rest.next() else { return Some(stmt) };
                }
            }
            None
        })
    };
    let fill = side(|n, capacity| n >= capacity, 1, 0, 1);
    let drain = side(|n, _| n <= 0, -1, 1, 0);
    program("monitor", vec![fill, drain])
}

#[test]
fn monitor_buffer() {
    // Capacity 1: 2^(2m - 1). Capacity 2 and the bounded counts: brute force.
    for m in 1..=4 {
        assert_traces(&monitor(1, m), 1 << (2 * m - 1), 0);
    }
    assert_traces(&monitor(2, 2), 6, 0);
    assert_traces(&monitor(2, 3), 24, 0);
    assert_bounded(&monitor(1, 2), &[2, 8]);
    assert_bounded(&monitor(1, 3), &[2, 16, 30, 32]);
    assert_bounded(&monitor(2, 2), &[2, 6]);
}

#[test]
fn compare_exchange() {
    // Published with GenMC.
    for (n, traces) in [(2, 2), (3, 5), (4, 14), (5, 43), (6, 144)] {
        let tasks = (1..=n).map(|i| line(vec![Cas(0, i - 1, i)])).collect();
        assert_traces(&program("casrot", tasks), traces, 0);
    }
    // n * 2^(n - 1) + 1
    for n in 2..=7 {
        let mut tasks = vec![line(vec![Write(0, 2)])];
        tasks.extend(same(n, vec![Cas(0, 2, 3)]));
        assert_traces(&program("wcas", tasks), ((n as u64) << (n - 1)) + 1, 0);
    }
    // One wins; the losers' failed attempts commute.
    for n in 2..=5 {
        assert_traces(&program("cas", (1..=n).map(|i| line(vec![Cas(0, 0, i)])).collect()), n as u64, 0);
    }
}

#[test]
fn increments() {
    // (n!)^2
    for (n, traces) in [(2, 4), (3, 36), (4, 576)] {
        let inc = |_| -> Task { Rc::new(increment(0)) };
        let inc = program("inc", (0..n).map(inc).collect());
        assert_traces(&inc, traces, 0);
        let binc = program("binc", same(n, vec![Add(0, 1), Add(1, 1)]));
        assert_traces(&binc, traces, 0);
        let bounded: &[u64] = match n {
            2 => &[2, 4],
            3 => &[6, 24, 36],
            _ => &[24, 168, 432, 576],
        };
        assert_bounded(&inc, bounded);
        if n < 4 {
            assert_bounded(&binc, bounded);
        }
    }
    for (n, traces) in [(3, 6), (4, 24), (5, 120)] {
        assert_traces(&program("ainc", same(n, vec![Add(0, 1)])), traces, 0);
    }
}

#[test]
fn fibonacci() {
    // Brute force.
    for (n, traces) in [(1, 3), (2, 19), (3, 141)] {
        let task = move |target: usize| -> Task {
            Rc::new(move |results| {
                if results.len() == 3 * n {
                    return None;
                }
                Some(match results.len() % 3 {
                    0 => Read(0),
                    1 => Read(1),
                    _ => {
                        let [.., a, b] = results else { return None };
                        Write(target, a.int() + b.int())
                    }
                })
            })
        };
        let fib = program("fib", vec![task(0), task(1)]).with_registers(&[1, 1]);
        assert_traces(&fib, traces, 0);
        if n == 2 {
            assert_bounded(&fib, &[2, 8, 18, 19]);
        }
    }
}

#[test]
fn attempts_to_lock() {
    // Failed attempts commute. Brute force.
    for (n, kept, released) in [(2, 2, 4), (3, 3, 21)] {
        assert_traces(&program("kept", same(n, vec![TryLock(0)])), kept, 0);
        let stmts = vec![(TryLock(0), None), (Unlock(0), Some(0))];
        let tasks = (0..n).map(|_| super::program::guarded(stmts.clone())).collect();
        assert_traces(&program("released", tasks), released, 0);
    }
}

#[test]
fn selects() {
    use super::program::SelectArm as Arm;
    let both = || Stmt::Select(vec![Arm::Recv(0), Arm::Recv(1)], false);
    // Counted by hand: in all traces of the first one, one sender is left over.
    let senders = || [line(vec![Send(0, 1)]), line(vec![Send(1, 2)])];
    let once = program("once", senders().into_iter().chain([line(vec![both()])]).collect());
    assert_traces(&once.with_channels(&[0, 0]), 6, 6);
    let twice = program("twice", senders().into_iter().chain([line(vec![both(), both()])]).collect());
    assert_traces(&twice.with_channels(&[0, 0]), 10, 0);
    let crossed = program(
        "crossed",
        vec![
            line(vec![Stmt::Select(vec![Arm::Send(0, 1), Arm::Recv(1)], false)]),
            line(vec![Stmt::Select(vec![Arm::Recv(0), Arm::Send(1, 2)], false)]),
        ],
    );
    assert_traces(&crossed.with_channels(&[0, 0]), 4, 0);
    // A result that nobody takes once the timeout came first: Go's classic leak.
    let timeout = program(
        "result or timeout",
        vec![line(vec![Send(0, 1)]), line(vec![Send(1, 2)]), line(vec![both()])],
    );
    assert_traces(&timeout.with_channels(&[0, 1]), 6, 3);
}
