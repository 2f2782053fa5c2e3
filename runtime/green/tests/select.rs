//! What `select!` may do inside an execution: the ends of each program over all interleavings, by reasoning
//! from Go's specification.
#![cfg(feature = "check")]

use gorace::check::{Strategy, Verdict};
use gorace::{Outcome, chan, go, select};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

/// All results of `body`, and how the search went.
fn ends<T: Ord + Send + 'static>(body: impl Fn() -> T + Send + Sync + 'static) -> (BTreeSet<T>, Outcome) {
    let ends = Arc::new(Mutex::new(BTreeSet::new()));
    let kept = ends.clone();
    let checker = gorace::Checker::new().name("select").strategy(Strategy::Exhaustive).keep_going(true);
    let outcome = checker.run(move || {
        let end = body();
        kept.lock().unwrap().insert(end);
    });
    let ends = std::mem::take(&mut *ends.lock().unwrap());
    (ends, outcome)
}

#[track_caller]
fn assert_ends<T>(body: impl Fn() -> T + Send + Sync + 'static, expected: impl IntoIterator<Item = T>)
where
    T: Ord + Send + std::fmt::Debug + 'static,
{
    let (found, outcome) = ends(body);
    assert_eq!(outcome.verdict, Verdict::Verified, "{}", outcome.report());
    assert_eq!(found, expected.into_iter().collect());
}

#[test]
fn each_ready_arm_is_taken() {
    assert_ends(
        || {
            let ((a, from_a), (b, from_b), (_keep, never)) = (chan(1), chan(1), chan::<i32>(1));
            a.send(1);
            b.close();
            select! {
                recv(from_a) -> v => v,
                recv(from_b) -> v => v,
                recv(never) -> _ => Some(9),
            }
        },
        [Some(1), None],
    );
}

#[test]
fn the_default_is_taken_only_if_nothing_is_ready() {
    let look = |filled: bool| {
        move || {
            let (tx, rx) = chan(1);
            if filled {
                tx.send(1);
            }
            select! { recv(rx) -> v => v, default => None }
        }
    };
    assert_ends(look(true), [Some(1)]);
    assert_ends(look(false), [None]);
    // A receiver that may have arrived or not.
    assert_ends(
        || {
            let (tx, rx) = chan(0);
            let receiver = go!({ rx.try_recv().ok() });
            let sent = select! { send(tx, 1) => true, default => false };
            (sent, receiver.join().unwrap())
        },
        // A `try_recv` does not wait, so the two never meet.
        [(false, None)],
    );
}

#[test]
fn an_arrived_partner_makes_an_arm_ready() {
    assert_ends(
        || {
            let (tx, rx) = chan(0);
            let receiver = go!({ rx.recv() });
            let sent = select! { send(tx, 1) => true, default => false };
            tx.close();
            (sent, receiver.join().unwrap())
        },
        [(true, Some(1)), (false, None)],
    );
}

#[test]
fn one_select_does_not_meet_itself() {
    // Unbuffered, both directions: with nobody else only the default is left.
    assert_ends(
        || {
            let (tx, rx) = chan(0);
            select! { send(tx, 1) => "sent", recv(rx) -> _ => "received", default => "neither" }
        },
        ["neither"],
    );
    // Two of them meet, in either role.
    assert_ends(
        || {
            let (tx, rx) = chan(0);
            let (tx2, rx2) = (tx.clone(), rx.clone());
            let other = go!({
                select! { send(tx2, 2) => None, recv(rx2) -> v => v }
            });
            let own = select! { send(tx, 1) => None, recv(rx) -> v => v };
            (own, other.join().unwrap())
        },
        [(None, Some(1)), (Some(2), None)],
    );
}

#[test]
fn a_select_that_was_served_is_no_partner_any_more() {
    // The select takes one of the two; the other send finds nobody, or was the one.
    assert_ends(
        || {
            let ((a, from_a), (b, from_b)) = (chan(0), chan(0));
            let selecting = go!({
                select! { recv(from_a) -> v => v, recv(from_b) -> v => v }
            });
            let sent_a = a.try_send(1).is_ok();
            let sent_b = b.try_send(2).is_ok();
            // If it still waits, it is let go.
            if !sent_a && !sent_b {
                a.close();
            }
            (sent_a, sent_b, selecting.join().unwrap())
        },
        [(true, false, Some(1)), (false, true, Some(2)), (false, false, None)],
    );
}

#[test]
fn a_value_is_moved_only_if_its_arm_is_taken() {
    assert_ends(
        || {
            let ((tx, rx), (other, from_other)) = (chan(1), chan(1));
            other.send("other".to_owned());
            let value = "value".to_owned();
            let received = select! {
                send(tx, value) => None,
                recv(from_other) -> v => v,
            };
            (received, rx.try_recv().ok())
        },
        [(None, Some("value".to_owned())), (Some("other".to_owned()), None)],
    );
}

#[test]
fn operands_are_evaluated_once_and_in_order() {
    assert_ends(
        || {
            let (tx, rx) = chan::<usize>(2);
            let log = std::cell::RefCell::new(Vec::new());
            let note = |what: &'static str| log.borrow_mut().push(what);
            select! {
                recv({ note("first channel"); rx.clone() }) -> _ => {}
                send({ note("second channel"); tx.clone() }, { note("value"); 1 }) => {}
            }
            log.into_inner()
        },
        [vec!["first channel", "second channel", "value"]],
    );
}

#[test]
fn a_select_in_a_loop_drains_both() {
    assert_ends(
        || {
            let ((a, from_a), (b, from_b)) = (chan(0), chan(0));
            let (one, two) = (go!({ a.send(1) }), go!({ b.send(2) }));
            let order: Vec<i32> = (0..2)
                .map(|_| select! { recv(from_a) -> v => v.unwrap(), recv(from_b) -> v => v.unwrap() })
                .collect();
            one.join().unwrap();
            two.join().unwrap();
            order
        },
        [vec![1, 2], vec![2, 1]],
    );
}

#[test]
fn a_send_arm_panics_on_a_closed_channel() {
    let (_, outcome) = ends(|| {
        let (tx, _rx) = chan(0);
        tx.close();
        select! { send(tx, 1) => {} }
    });
    let codes: Vec<_> = outcome.findings.iter().map(|finding| finding.code.code()).collect();
    assert_eq!(codes, ["GR0005"]);
    assert!(outcome.findings[0].title.contains("send on closed channel"), "{}", outcome.report());
}

/// Ten thousand tasks may live at once, and one close wakes them all, on the stack of the task that closes.
#[test]
fn ten_thousand_selects_are_woken_by_one_close() {
    const TASKS: usize = 10_000;
    let checker = gorace::Checker::new().name("select").strategy(Strategy::Random).max_executions(1);
    let outcome = checker.run(|| {
        let ((_keep, never), (quit, quits)) = (chan::<i32>(1), chan::<i32>(1));
        let (arrive, arrived) = chan(TASKS);
        let tasks: Vec<_> = (0..TASKS)
            .map(|_| {
                let (never, quits, arrive) = (never.clone(), quits.clone(), arrive.clone());
                go!({
                    arrive.send(());
                    select! { recv(never) -> v => v, recv(quits) -> v => v }
                })
            })
            .collect();
        (0..TASKS).for_each(|_| assert_eq!(arrived.recv(), Some(())));
        // Most are parked by now.
        quit.close();
        assert!(tasks.into_iter().all(|task| task.join().unwrap().is_none()));
    });
    outcome.assert_clean();
}
