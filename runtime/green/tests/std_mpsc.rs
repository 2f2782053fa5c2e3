//! `mpsc` as std documents it, three ways.
#![cfg(feature = "check")]

mod three_ways;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{RecvError, SendError, TryRecvError, TrySendError};

/// Counts its drops.
#[derive(Debug)]
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
    }
}

three_ways! {
    /// "All data sent on the Sender will become available on the Receiver in the same order as it was sent".
    fn values_arrive_in_order() {
        let (tx, rx) = sync::mpsc::channel();
        let handle = thread::spawn(move || (0..3).for_each(|n| tx.send(n).unwrap()));
        assert_eq!(rx.recv(), Ok(0));
        assert_eq!(rx.iter().collect::<Vec<_>>(), [1, 2]);
        assert_eq!(rx.recv(), Err(RecvError));
        handle.join().unwrap();
    }

    /// "no send will block the calling thread (this channel has an 'infinite buffer')".
    fn sending_never_waits() {
        let (tx, rx) = sync::mpsc::channel();
        (0..100).for_each(|n| tx.send(n).unwrap());
        assert_eq!(rx.try_iter().count(), 100);
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
        drop(tx);
        assert_eq!(rx.try_recv(), Err(TryRecvError::Disconnected));
    }

    /// "The Sender can be cloned to send to the same channel multiple times". "If the corresponding Sender has
    /// disconnected, ... this call will wake up and return Err": all of them.
    fn the_last_sender_ends_the_channel() {
        let (tx, rx) = sync::mpsc::channel();
        let other = tx.clone();
        let handle = thread::spawn(move || other.send(1).unwrap());
        tx.send(2).unwrap();
        drop(tx);
        let mut got: Vec<i32> = rx.into_iter().collect();
        got.sort_unstable();
        assert_eq!(got, [1, 2]);
        handle.join().unwrap();
    }

    /// "A return value of Err means that the data will never be received". "it is possible for the corresponding
    /// receiver to hang up immediately after this function returns Ok".
    fn a_send_without_receiver_gives_the_value_back() {
        let (tx, rx) = sync::mpsc::channel();
        let handle = thread::spawn(move || drop(rx));
        let sent = tx.send(1);
        assert!(matches!(sent, Ok(()) | Err(SendError(1))));
        handle.join().unwrap();
        assert_eq!(tx.send(2), Err(SendError(2)));
    }

    fn values_left_are_dropped_with_the_receiver() {
        let drops = Arc::new(AtomicUsize::new(0));
        let (tx, rx) = sync::mpsc::channel();
        tx.send(Counted(drops.clone())).unwrap();
        drop(rx);
        assert_eq!(drops.load(SeqCst), 1);
        drop(tx.send(Counted(drops.clone())));
        assert_eq!(drops.load(SeqCst), 2);
    }

    /// "bound specifies the buffer size. When the internal buffer becomes full, future sends will block waiting for
    /// the buffer to open up."
    fn a_sync_channel_has_room_for_so_many() {
        let (tx, rx) = sync::mpsc::sync_channel(1);
        assert_eq!(tx.try_send(1), Ok(()));
        assert_eq!(tx.try_send(2), Err(TrySendError::Full(2)));
        let handle = thread::spawn(move || {
            tx.send(3).unwrap();
            tx
        });
        assert_eq!((rx.recv(), rx.recv()), (Ok(1), Ok(3)));
        let tx = handle.join().unwrap();
        drop(rx);
        assert_eq!(tx.try_send(4), Err(TrySendError::Disconnected(4)));
        assert_eq!(tx.send(5), Err(SendError(5)));
    }

    /// "a buffer size of 0 is valid, in which case this becomes 'rendezvous channel' where each send will not
    /// return until a recv is paired with it".
    fn a_rendezvous_channel_hands_over() {
        let (tx, rx) = sync::mpsc::sync_channel(0);
        assert_eq!(tx.try_send(1), Err(TrySendError::Full(1)));
        let received = Arc::new(AtomicUsize::new(0));
        let handle = thread::spawn(move || tx.send(2).unwrap());
        assert_eq!(rx.recv(), Ok(2));
        received.store(1, SeqCst);
        handle.join().unwrap();
    }

    fn a_waiting_sender_learns_that_the_receiver_is_gone() {
        let (tx, rx) = sync::mpsc::sync_channel(0);
        let handle = thread::spawn(move || tx.send(2));
        drop(rx);
        assert_eq!(handle.join().unwrap(), Err(SendError(2)));
    }
}

/// What was made outside cannot be modelled.
#[test]
fn a_channel_from_outside_is_uncontrolled() {
    let (tx, _rx) = gorace::sync::mpsc::channel::<u8>();
    let outcome = gorace::Checker::new().run(move || {
        gorace::thread::yield_now();
        let _ = tx.clone().send(1);
    });
    outcome.expect("nondeterminism");
}

#[test]
fn a_receiver_that_nobody_sends_to_is_a_deadlock() {
    let outcome = gorace::Checker::new().run(|| {
        let (tx, rx) = gorace::sync::mpsc::channel::<u8>();
        let _ = rx.recv();
        drop(tx);
    });
    outcome.expect("deadlock");
}
