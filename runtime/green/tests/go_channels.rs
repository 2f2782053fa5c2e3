//! Channels and `select!` as Go's specification has them, between OS threads and in every interleaving of an
//! execution. Words of panics are in `misuse.rs` and `outside.rs`.
#![cfg(feature = "check")]

mod both_worlds;

use gorace::chan::{TryRecvError, TrySendError};
use gorace::{Chan, Checker, Receiver, Sender, chan, select, thread};
use std::sync::Arc;

both_worlds! {
    /// "channels act as first-in-first-out queues."
    fn values_arrive_in_the_order_of_sending() {
        let (tx, rx) = chan(2);
        let sends = thread::spawn(move || (1..=3).for_each(|n| tx.send(n)));
        assert_eq!((rx.recv(), rx.recv(), rx.recv()), (Some(1), Some(2), Some(3)));
        sends.join().unwrap();
    }

    /// "If the capacity is zero or absent, the channel is unbuffered and communication succeeds only when both a
    /// sender and receiver are ready."
    fn an_unbuffered_send_needs_its_receiver() {
        let channel = Chan::new(0);
        assert_eq!(channel.try_send(1), Err(TrySendError::Full(1)));
        assert_eq!((channel.len(), channel.cap(), channel.is_empty()), (0, 0, true));
        let receiver = channel.receiver();
        let receives = thread::spawn(move || receiver.recv());
        channel.send(2);
        assert_eq!(receives.join().unwrap(), Some(2));
    }

    /// `len`: "the number of elements queued (unread) in the channel buffer"; `cap`: "the channel buffer capacity".
    fn len_and_cap() {
        let (tx, rx) = chan(3);
        tx.send(1);
        tx.send(2);
        assert_eq!((tx.len(), rx.len(), tx.cap(), rx.cap()), (2, 2, 3, 3));
        assert!(!rx.is_empty());
    }

    /// A clone is the same channel, and so are its two sides.
    fn a_handle_is_the_channel() {
        let channel = Chan::new(1);
        channel.clone().sender().send(1);
        assert_eq!(channel.receiver().clone().recv(), Some(1));
    }

    /// "dropping handles does not close".
    fn dropping_does_not_close() {
        let (tx, rx) = chan::<u8>(1);
        tx.send(1);
        drop(tx);
        assert_eq!((rx.try_recv(), rx.try_recv()), (Ok(1), Err(TryRecvError::Empty)));
    }

    /// "After calling close, and after any previously sent values have been received, receive operations will return
    /// the zero value for the channel's type without blocking."
    fn buffered_values_survive_close() {
        let (tx, rx) = chan(2);
        tx.send(1);
        tx.send(2);
        rx.close();
        assert_eq!(tx.try_send(3), Err(TrySendError::Closed(3)));
        assert_eq!((rx.recv(), rx.recv(), rx.recv()), (Some(1), Some(2), None));
        assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    }

    /// "For channels, the iteration values produced are the successive values sent on the channel until the channel
    /// is closed."
    fn a_loop_ends_when_the_channel_is_closed_and_drained() {
        let (tx, rx) = chan(1);
        let sends = thread::spawn(move || {
            tx.send(1);
            tx.send(2);
            tx.close();
        });
        let mut all = Vec::new();
        for v in &rx {
            all.push(v);
        }
        assert_eq!(all, [1, 2]);
        sends.join().unwrap();
    }

    /// A close wakes everybody who receives.
    fn a_close_wakes_all_receivers() {
        let (tx, rx) = chan::<u8>(0);
        let waiting: Vec<_> = (0..2)
            .map(|_| {
                let rx = rx.clone();
                thread::spawn(move || rx.recv())
            })
            .collect();
        tx.close();
        waiting.into_iter().for_each(|receives| assert_eq!(receives.join().unwrap(), None));
    }

    /// "A nil channel is never ready for communication": nor is its arm of a `select!`.
    fn a_nil_channel_is_never_ready() {
        thread::yield_now();
        const NONE: Chan<u8> = Chan::nil();
        let (nil, tx, rx) = (NONE, Sender::<u8>::nil(), Receiver::<u8>::nil());
        assert!(nil.is_nil() && tx.is_nil() && rx.is_nil() && nil.sender().is_nil());
        assert!(!Chan::<u8>::new(0).is_nil());
        assert_eq!((nil.len(), nil.cap(), nil.is_empty()), (0, 0, true));
        assert_eq!((tx.try_send(1), rx.try_recv()), (Err(TrySendError::Full(1)), Err(TryRecvError::Empty)));
        let (ready, from_ready) = chan(1);
        ready.send(5);
        let taken = select! {
            recv(rx) -> _ => 0,
            send(tx, 1) => 1,
            recv(from_ready) -> v => v.unwrap(),
        };
        assert_eq!(taken, 5);
        assert_eq!(select! { recv(nil) -> _ => "nil", default => "default" }, "default");
    }

    /// "No arm runs inside a closure: `?`, `break`, `continue`, `return` work; it is an expression."
    fn an_arm_is_code_of_its_function() {
        fn sum(rx: &Receiver<Result<u8, &'static str>>) -> Result<u8, &'static str> {
            let mut sum = 0;
            loop {
                let value = select! {
                    recv(rx) -> v => match v {
                        None => break,
                        Some(Ok(0)) => continue,
                        Some(Ok(99)) => return Ok(99),
                        Some(value) => value?,
                    },
                };
                sum += value;
            }
            Ok(sum)
        }
        let of = |values: &[Result<u8, &'static str>]| {
            let (tx, rx) = chan(4);
            values.iter().for_each(|value| tx.send(*value));
            tx.close();
            sum(&rx)
        };
        assert_eq!(of(&[Ok(1), Ok(0), Ok(2)]), Ok(3));
        assert_eq!(of(&[Ok(1), Ok(99), Ok(2)]), Ok(99));
        assert_eq!(of(&[Ok(1), Err("bad"), Ok(2)]), Err("bad"));
    }

    /// "The same channel may stand in two arms", in both directions too.
    fn one_channel_may_stand_in_two_arms() {
        let channel = Chan::new(1);
        let mut received = 0;
        for _ in 0..2 {
            select! {
                send(channel, 1) => {}
                recv(channel) -> v => received += v.unwrap(),
            }
        }
        assert_eq!(received, 1, "first there is room, then a value");
        channel.send(2);
        let v = select! { recv(channel) -> v => v, recv(channel) -> v => v };
        assert_eq!(v, Some(2));
    }

    /// "a send arm on a closed channel is ready and panics if chosen"; a receive arm is ready as well.
    fn a_closed_channel_is_ready_in_a_receive_arm() {
        let (tx, rx) = chan::<u8>(0);
        tx.close();
        assert_eq!(select! { recv(rx) -> v => v, default => Some(9) }, None);
    }

    /// "operands are evaluated once, on entry, in source order; an unsent value is dropped".
    fn an_unsent_value_is_dropped() {
        let (full, _keep) = chan(0);
        let value = std::sync::Arc::new(());
        let sent = select! {
            send(full, value.clone()) => true,
            default => false,
        };
        assert_eq!((sent, std::sync::Arc::strong_count(&value)), (false, 1));
    }

    /// "If one or more of the communications can proceed, a single one that can proceed is chosen": with as many arms as
    /// one likes, and each value counted once, whether it is there already or comes later.
    fn a_select_has_any_number_of_arms() {
        let value = Arc::new(());
        let channels: Vec<Chan<Arc<()>>> = (0..8).map(|_| Chan::new(0)).collect();
        let [a, b, c, d, e, f, g, h] = &channels[..] else { unreachable!("eight were made") };
        let sends = {
            let (h, value) = (h.clone(), value.clone());
            thread::spawn(move || h.send(value))
        };
        let full = Chan::new(0);
        let got = select! {
            recv(a) -> v => v, recv(b) -> v => v, recv(c) -> v => v, recv(d) -> v => v,
            recv(e) -> v => v, recv(f) -> v => v, send(full, value.clone()) -> _ => None,
            recv(g) -> v => v, recv(h) -> v => v,
        };
        sends.join().unwrap();
        assert_eq!(Arc::strong_count(&value), 2);
        drop(got);
        assert_eq!(Arc::strong_count(&value), 1);
    }
}

/// "senders blocked at close panic `send on closed channel`": the sender's is a misuse, whoever joins it.
#[test]
fn senders_that_wait_at_a_close_panic() {
    let outcome = Checker::new().keep_going(true).run(|| {
        let (tx, rx) = chan(0);
        let sends = thread::spawn(move || tx.send(1));
        rx.close();
        assert!(sends.join().is_err());
    });
    let found = outcome.expect("misuse");
    assert!(found.iter().all(|finding| finding.title.contains("send on closed channel")), "{outcome:?}");
    assert_eq!(found.len(), outcome.findings.len());
}

fn receive_from_nil() {
    Receiver::<u8>::nil().recv();
}

fn send_to_nil() {
    Sender::nil().send(1);
}

fn select_nothing() {
    select! {}
}

fn select_from_nil() {
    select! { recv(Receiver::<u8>::nil()) -> _ => () }
}

/// "A nil channel blocks for ever." "`select! {}` blocks for ever." Reports call each by its name.
#[test]
fn what_never_comes_is_waited_for_in_vain() {
    for (body, words, step) in [
        (receive_from_nil as fn(), "in `recv` on a nil channel", "recv a nil channel"),
        (send_to_nil, "in `send` on a nil channel", "send a nil channel"),
        (select_nothing, "the `select!` has no arms", "select"),
        (select_from_nil, "all of whose channels are nil", "select"),
    ] {
        let outcome = Checker::new().run(body);
        outcome.expect("deadlock");
        let report = outcome.report();
        let report = report.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(report.contains(words) && report.contains(step), "{report}");
    }
}
