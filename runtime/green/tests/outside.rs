//! The same types outside of an execution, between OS threads: Go's channels, std's everything else.
#![cfg(feature = "check")]

use gorace::cell::Shared;
use gorace::chan::{TryRecvError, TrySendError};
use gorace::sync::atomic::{AtomicU64, Ordering::SeqCst};
use gorace::sync::{Arc, Condvar, Mutex};
use gorace::{Chan, Detach, Named, chan, select};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

fn message(result: std::thread::Result<()>) -> String {
    let payload = result.expect_err("it panics");
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).expect("a text")
}

#[test]
fn an_unbuffered_send_waits_for_its_receive() {
    let (tx, rx) = chan(0);
    let log = Arc::new(Mutex::new(Vec::new()));
    let of_sender = log.clone();
    let sender = std::thread::spawn(move || {
        for i in 0..100 {
            tx.send(i);
            of_sender.lock().unwrap().push(i);
        }
    });
    for i in 0..100 {
        // What was not received was not sent either.
        assert!(log.lock().unwrap().len() <= i);
        assert_eq!(rx.recv(), Some(i));
    }
    sender.join().unwrap();
}

#[test]
fn a_buffer_has_the_room_that_it_says() {
    let channel = Chan::new(2);
    assert_eq!((channel.cap(), channel.len(), channel.is_empty()), (2, 0, true));
    assert_eq!(channel.try_send(1), Ok(()));
    channel.send(2);
    assert_eq!(channel.try_send(3), Err(TrySendError::Full(3)));
    assert_eq!(channel.len(), 2);
    assert_eq!(channel.try_recv(), Ok(1));
    assert_eq!(channel.recv(), Some(2));
    assert_eq!(channel.try_recv(), Err(TryRecvError::Empty));
}

#[test]
fn many_senders_and_receivers_lose_nothing() {
    for capacity in [0, 1, 7] {
        let (tx, rx) = chan(capacity);
        let senders: Vec<_> = (0..4)
            .map(|s| {
                let tx = tx.clone();
                std::thread::spawn(move || (0..250).for_each(|i| tx.send(s * 250 + i)))
            })
            .collect();
        let receivers: Vec<_> = (0..3)
            .map(|_| {
                let rx = rx.clone();
                std::thread::spawn(move || rx.into_iter().collect::<Vec<i32>>())
            })
            .collect();
        senders.into_iter().for_each(|sender| sender.join().unwrap());
        tx.close();
        let mut all: Vec<i32> = receivers.into_iter().flat_map(|receiver| receiver.join().unwrap()).collect();
        all.sort_unstable();
        assert_eq!(all, (0..1000).collect::<Vec<_>>());
    }
}

#[test]
fn a_closed_channel_is_drained_and_then_says_so() {
    let (tx, rx) = chan(2);
    tx.send(1);
    tx.close();
    assert_eq!(tx.try_send(2), Err(TrySendError::Closed(2)));
    assert_eq!((rx.recv(), rx.recv(), rx.try_recv()), (Some(1), None, Err(TryRecvError::Closed)));
    assert_eq!(message(catch_unwind(AssertUnwindSafe(|| tx.send(3)))), "send on closed channel");
    assert_eq!(message(catch_unwind(AssertUnwindSafe(|| tx.close()))), "close of closed channel");
}

#[test]
fn a_close_wakes_who_waits() {
    let (tx, rx) = chan::<u8>(0);
    let waiting = std::thread::spawn(move || rx.recv());
    tx.close();
    assert_eq!(waiting.join().unwrap(), None);

    let (tx, rx) = chan(0);
    let waiting = std::thread::spawn(move || tx.send(1));
    // Nobody receives, so that the send waits or has yet to come: it panics either way.
    rx.close();
    assert_eq!(message(waiting.join()), "send on closed channel");
}

#[test]
fn select_takes_what_is_ready() {
    let ((a, from_a), (b, from_b)) = (chan(1), chan(1));
    let look = || {
        select! {
            recv(from_a) -> v => v,
            recv(from_b) -> v => v,
            default => Some(0),
        }
    };
    assert_eq!(look(), Some(0));
    b.send(2);
    assert_eq!(look(), Some(2));
    a.close();
    assert_eq!(look(), None);
    // Both ready: each is taken sometimes.
    let mut taken = BTreeSet::new();
    while taken.len() < 2 {
        let _ = b.try_send(2);
        taken.insert(look());
    }
    assert_eq!(taken, BTreeSet::from([None, Some(2)]));
}

#[test]
fn selects_meet_each_other() {
    let ((ping, pinged), (pong, ponged)) = (chan::<u32>(0), chan::<u32>(0));
    let (quit, quitting) = chan::<()>(0);
    let answering = std::thread::spawn(move || {
        let mut rounds = 0;
        loop {
            select! {
                recv(pinged) -> v => {
                    rounds += 1;
                    pong.send(v.expect("open") + 1);
                }
                recv(quitting) -> _ => return rounds,
            }
        }
    });
    for i in 0..200 {
        select! {
            send(ping, i) => {}
            recv(ponged) -> _ => unreachable!(),
        }
        assert_eq!(ponged.recv(), Some(i + 1));
    }
    quit.send(());
    assert_eq!(answering.join().unwrap(), 200);
}

#[test]
fn a_value_that_select_did_not_send_is_kept() {
    let (tx, _rx) = chan::<String>(0);
    let (other, from_other) = chan(1);
    other.send(());
    let value = "kept".to_owned();
    select! {
        send(tx, value) => unreachable!(),
        recv(from_other) -> _ => {}
    }
}

#[test]
fn locks_and_condvars_are_stds() {
    let pair = Arc::new((Mutex::new(0).named("count"), Condvar::new()));
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let pair = pair.clone();
            gorace::thread::spawn(move || {
                *pair.0.lock().unwrap() += 1;
                pair.1.notify_all();
            })
        })
        .collect();
    let mut count = pair.0.lock().unwrap();
    while *count < 4 {
        count = pair.1.wait(count).unwrap();
    }
    assert!(matches!(pair.0.try_lock(), Err(std::sync::TryLockError::WouldBlock)));
    drop(count);
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    let poisoning = pair.clone();
    let died = gorace::thread::spawn(move || {
        let _guard = poisoning.0.lock().unwrap();
        panic!("on purpose");
    });
    assert_eq!(died.join().unwrap_err().downcast_ref::<&str>(), Some(&"on purpose"));
    assert!(pair.0.is_poisoned());
    assert_eq!(*pair.0.lock().unwrap_err().into_inner(), 4);
    pair.0.clear_poison();
    assert_eq!(pair.0.lock().map(|count| *count).ok(), Some(4));
}

#[test]
fn goroutines_are_threads() {
    let sum = Arc::new(AtomicU64::new(0));
    let handles: Vec<_> = (0..8_u64)
        .map(|i| {
            let sum = sum.clone();
            gorace::go!({ sum.fetch_add(i, SeqCst) })
        })
        .collect();
    handles.into_iter().for_each(|handle| _ = handle.join().unwrap());
    assert_eq!(sum.load(SeqCst), 28);
    let (tx, rx) = chan(0);
    gorace::go!({ tx.send(7) }).detach();
    assert_eq!(rx.recv(), Some(7));
}

#[test]
fn checked_memory_works_where_nothing_is_checked() {
    let cell = Arc::new(Shared::new(1));
    let other = cell.clone();
    gorace::thread::spawn(move || other.with_mut(|value| *value += 1)).join().unwrap();
    assert_eq!((cell.get(), cell.with(|value| *value * 10)), (2, 20));
}
