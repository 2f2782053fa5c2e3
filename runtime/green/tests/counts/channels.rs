//! Counts of programs of channels, and of what waits for several.

use super::{assert_traces, explore, ignore, task};
use gorace::{Chan, Outcome, time};
use std::time::Duration;

/// `producers` tasks that send `each` values, `consumers` that share them out.
fn pipeline(producers: usize, each: usize, consumers: usize, capacity: usize) -> Outcome {
    explore(move || {
        let channel: Chan<usize> = Chan::new(capacity);
        let send = |tx: Chan<usize>| task(move || (0..each).for_each(|i| tx.send(i)));
        let share = producers * each / consumers;
        let recv = |rx: Chan<usize>| task(move || (0..share).for_each(|_| ignore(rx.recv())));
        let mut tasks: Vec<_> = (0..producers).map(|_| send(channel.clone())).collect();
        tasks.extend((0..consumers).map(|_| recv(channel.clone())));
        tasks
    })
}

#[test]
fn channels() {
    // One producer and one consumer commute whatever the capacity.
    for (capacity, messages) in [(1, 2), (1, 3), (2, 3), (3, 3), (0, 3)] {
        assert_traces(&pipeline(1, messages, 1, capacity), 1, 0);
    }
    // Several producers: the order of their sends, (sum)! / product(per!).
    for (producers, each, traces) in [(2, 1, 2), (2, 2, 6), (3, 1, 6), (3, 2, 90), (4, 1, 24)] {
        assert_traces(&pipeline(producers, each, 1, 0), traces, 0);
    }
    assert_traces(&pipeline(2, 2, 1, 1), 6, 0);
    // Two consumers: the order of sends times the order of receives.
    assert_traces(&pipeline(2, 1, 2, 0), 4, 0);
    assert_traces(&pipeline(2, 2, 2, 0), 36, 0);
}

#[test]
fn selects() {
    // One select over two channels with a sender each: which arm is taken and when each sender came, 6 in
    // all; each leaves the other sender blocked, and main with it. Two rounds: 10, all complete.
    for (rounds, traces, blocked) in [(1, 6, 6), (2, 10, 0)] {
        let outcome = explore(move || {
            let (c, d): (Chan<i32>, Chan<i32>) = (Chan::new(0), Chan::new(0));
            let send = |tx: Chan<i32>| task(move || tx.send(1));
            let (c2, d2) = (c.clone(), d.clone());
            let select = task(move || {
                for _ in 0..rounds {
                    gorace::select! {
                        recv(c2) -> _ => {}
                        recv(d2) -> _ => {}
                    }
                }
            });
            vec![select, send(c), send(d)]
        });
        assert_traces(&outcome, traces, blocked);
    }
    // Two selects that can complete each other by either channel: 4.
    let outcome = explore(|| {
        let (c, d): (Chan<i32>, Chan<i32>) = (Chan::new(0), Chan::new(0));
        let (c2, d2) = (c.clone(), d.clone());
        let one = task(move || {
            gorace::select! {
                send(c, 1) => {}
                recv(d) -> _ => {}
            }
        });
        let other = task(move || {
            gorace::select! {
                recv(c2) -> _ => {}
                send(d2, 1) => {}
            }
        });
        vec![one, other]
    });
    assert_traces(&outcome, 4, 0);
}

#[test]
fn a_result_or_a_timeout() {
    // Go's classic leak. The select comes last (both are there: two), between the two (two), or first (whichever comes
    // first ends it: two). In three of these six nobody takes the result, and whoever sent it waits for ever.
    let outcome = explore(|| {
        let result: Chan<i32> = Chan::new(0);
        let sent = result.clone();
        let send = task(move || sent.send(1));
        let wait = task(move || {
            let timeout = time::after(Duration::from_millis(1));
            gorace::select! {
                recv(result) -> _ => {}
                recv(timeout) -> _ => {}
            }
        });
        vec![send, wait]
    });
    assert_traces(&outcome, 6, 3);
}
