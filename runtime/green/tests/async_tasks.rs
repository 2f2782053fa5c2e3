//! `gorace::future`: the same futures outside of an execution, on OS threads, and in every interleaving of one.
#![cfg(feature = "check")]
#![allow(clippy::waker_clone_wake, reason = "that a clone wakes is what is tested")]

use gorace::Checker;
use gorace::check::Verdict;
use gorace::future::{block_on, spawn};
use gorace::sync::Mutex;
use gorace::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

/// A value that is sent once, as other crates make it: a lock and a waker.
mod oneshot {
    use super::*;

    pub struct Slot<T> {
        value: Option<T>,
        waker: Option<Waker>,
        closed: bool,
    }

    pub struct Sender<T>(Arc<Mutex<Slot<T>>>);
    pub struct Receiver<T>(Arc<Mutex<Slot<T>>>);

    pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
        let slot = Arc::new(Mutex::new(Slot { value: None, waker: None, closed: false }));
        (Sender(slot.clone()), Receiver(slot))
    }

    impl<T> Sender<T> {
        pub fn send(self, value: T) {
            self.0.lock().unwrap().value = Some(value);
        }
    }

    impl<T> Drop for Sender<T> {
        fn drop(&mut self) {
            let waker = {
                let mut slot = self.0.lock().unwrap();
                slot.closed = true;
                slot.waker.take()
            };
            if let Some(waker) = waker {
                waker.wake();
            }
        }
    }

    impl<T> Future for Receiver<T> {
        type Output = Option<T>;

        fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
            let mut slot = self.0.lock().unwrap();
            match slot.value.take() {
                Some(value) => Poll::Ready(Some(value)),
                None if slot.closed => Poll::Ready(None),
                None => {
                    slot.waker = Some(cx.waker().clone());
                    Poll::Pending
                }
            }
        }
    }
}

/// Runs both to their ends, as a hand-written `join!` does: each poll polls whoever is not done.
async fn join<A: Future, B: Future>(a: A, b: B) -> (A::Output, B::Output) {
    let (mut a, mut b) = (pin!(a), pin!(b));
    let (mut of_a, mut of_b) = (None, None);
    poll_fn(|cx| {
        if of_a.is_none()
            && let Poll::Ready(value) = a.as_mut().poll(cx)
        {
            of_a = Some(value);
        }
        if of_b.is_none()
            && let Poll::Ready(value) = b.as_mut().poll(cx)
        {
            of_b = Some(value);
        }
        if of_a.is_some() && of_b.is_some() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    (of_a.unwrap(), of_b.unwrap())
}

/// Counts its drops.
struct Counted(Arc<std::sync::atomic::AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
    }
}

/// Each body is run outside of an execution and in every interleaving of one.
macro_rules! two_ways {
    ($($(#[$meta:meta])* fn $name:ident() $body:block)*) => {
        mod outside {
            use super::*;
            $($(#[$meta])* #[test] fn $name() $body)*
        }
        mod inside {
            use super::*;
            $($(#[$meta])* #[test] fn $name() {
                // A check without any scheduling point is a finding of its own.
                let outcome = Checker::new().max_executions(50_000).run(|| {
                    gorace::thread::yield_now();
                    $body
                });
                outcome.assert_clean();
                assert_eq!(outcome.verdict, Verdict::Verified, "{outcome:?}");
            })*
        }
    };
}

two_ways! {
    fn block_on_gives_the_output() {
        assert_eq!(block_on(async { 6 * 7 }), 42);
        let text = String::from("borrowed");
        assert_eq!(block_on(async { text.as_str() }), "borrowed");
    }

    fn block_on_nests() {
        assert_eq!(block_on(async { block_on(async { 1 }) + 1 }), 2);
    }

    fn a_pending_future_is_polled_again_once_woken() {
        let (tx, rx) = oneshot::channel();
        let sender = gorace::go!({ tx.send(5) });
        assert_eq!(block_on(rx), Some(5));
        sender.join().unwrap();
    }

    fn spawned_futures_give_their_outputs() {
        let sum = block_on(async {
            let (one, two) = (spawn(async { 1 }), spawn(async { 2 }));
            one.await.unwrap() + two.await.unwrap()
        });
        assert_eq!(sum, 3);
    }

    /// As std's `JoinHandle::join`: "If the associated thread panics, Err is returned with the parameter given to
    /// panic!."
    fn awaiting_a_panic_gives_its_payload() {
        let result = block_on(spawn(async {
            std::panic::resume_unwind(Box::new("payload"));
        }));
        assert_eq!(result.unwrap_err().downcast_ref(), Some(&"payload"));
    }

    fn a_dropped_handle_lets_the_task_go_on() {
        let (tx, rx) = oneshot::channel();
        drop(spawn(async move { tx.send(7) }));
        assert_eq!(block_on(rx), Some(7));
    }

    fn futures_send_to_each_other() {
        let (to_child, of_main) = oneshot::channel();
        let (to_main, of_child) = oneshot::channel();
        let child = spawn(async move {
            let got: i32 = of_main.await.unwrap();
            to_main.send(got + 1);
        });
        let got = block_on(async move {
            to_child.send(1);
            of_child.await
        });
        assert_eq!(got, Some(2));
        block_on(child).unwrap();
    }

    fn a_hand_written_join_runs_both() {
        let (tx_a, rx_a) = oneshot::channel();
        let (tx_b, rx_b) = oneshot::channel();
        let sender = gorace::go!({
            tx_b.send(2);
            tx_a.send(1);
        });
        assert_eq!(block_on(join(rx_a, rx_b)), (Some(1), Some(2)));
        sender.join().unwrap();
    }

    fn wake_twice_is_one_token() {
        let polls = AtomicUsize::new(0);
        block_on(poll_fn(|cx| {
            if polls.fetch_add(1, SeqCst) == 2 {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            let another = cx.waker().clone();
            another.wake();
            Poll::Pending
        }));
        assert_eq!(polls.load(SeqCst), 3, "two wakes before a poll make one poll");
    }

    fn clones_of_one_waker_know_each_other() {
        block_on(poll_fn(|cx| {
            assert!(cx.waker().will_wake(&cx.waker().clone()));
            Poll::Ready(())
        }));
    }

    fn a_wake_after_the_end_is_harmless() {
        let kept = Arc::new(std::sync::Mutex::new(None));
        let theirs = kept.clone();
        block_on(poll_fn(move |cx| {
            *theirs.lock().unwrap() = Some(cx.waker().clone());
            Poll::Ready(())
        }));
        let waker: Waker = kept.lock().unwrap().take().unwrap();
        waker.wake_by_ref();
        let another = waker.clone();
        another.wake();
        drop(waker);
        // And it is not taken for a wake-up of what comes next.
        let (tx, rx) = oneshot::channel();
        let sender = gorace::go!({ tx.send(1) });
        assert_eq!(block_on(rx), Some(1));
        sender.join().unwrap();
    }

    fn what_happened_before_a_wake_is_seen_after_it() {
        let data = Arc::new(gorace::cell::Shared::new(0));
        let theirs = data.clone();
        let (tx, rx) = oneshot::channel();
        let sender = gorace::go!({
            theirs.set(3);
            tx.send(());
        });
        assert_eq!(block_on(rx), Some(()));
        assert_eq!(data.get(), 3);
        sender.join().unwrap();
    }

    fn what_a_task_did_is_seen_once_it_was_awaited() {
        let data = Arc::new(gorace::cell::Shared::new(0));
        let theirs = data.clone();
        let task = spawn(async move { theirs.set(3) });
        block_on(task).unwrap();
        assert_eq!(data.get(), 3);
    }

    /// Cancel-safety is the future's own affair; that its destructors run is ours.
    fn a_future_dropped_midway_runs_its_destructors() {
        let drops = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let counted = Counted(drops.clone());
        let (_tx, rx) = oneshot::channel::<()>();
        let mut stuck = Box::pin(async move {
            let _counted = counted;
            rx.await
        });
        block_on(poll_fn(|cx| {
            assert!(stuck.as_mut().poll(cx).is_pending());
            Poll::Ready(())
        }));
        assert_eq!(drops.load(SeqCst), 0);
        drop(stuck);
        assert_eq!(drops.load(SeqCst), 1);
    }

    /// A selecting future drops the loser; its handle is dropped, and the task it stood for goes on.
    fn the_first_of_two_wins() {
        let (tx, rx) = oneshot::channel();
        let (_never, mut other) = oneshot::channel::<i32>();
        let sender = gorace::go!({ tx.send(1) });
        let first = block_on(async move {
            let mut rx = rx;
            poll_fn(|cx| match Pin::new(&mut rx).poll(cx) {
                Poll::Ready(value) => Poll::Ready(value),
                Poll::Pending => Pin::new(&mut other).poll(cx),
            })
            .await
        });
        assert_eq!(first, Some(1));
        sender.join().unwrap();
    }

    /// The user's own executor: its waker is a channel, not a token of ours.
    fn a_hand_written_executor_works() {
        struct Requeue(gorace::Sender<()>);
        impl Wake for Requeue {
            fn wake(self: Arc<Self>) {
                let _ = self.0.try_send(());
            }
        }
        let (tx, rx) = oneshot::channel();
        let (wake, woken) = gorace::chan(1);
        let waker = Waker::from(Arc::new(Requeue(wake)));
        let sender = gorace::go!({ tx.send(4) });
        let mut future = pin!(rx);
        let output = loop {
            match future.as_mut().poll(&mut Context::from_waker(&waker)) {
                Poll::Ready(output) => break output,
                Poll::Pending => woken.recv(),
            };
        };
        assert_eq!(output, Some(4));
        sender.join().unwrap();
    }

    fn a_handle_may_be_awaited_by_another_task() {
        let handle = spawn(async { 5 });
        let waiter = spawn(async move { handle.await.unwrap() + 1 });
        assert_eq!(block_on(waiter).unwrap(), 6);
    }

    fn a_handle_may_be_awaited_by_a_hand_written_executor() {
        struct Nothing;
        impl Wake for Nothing {
            fn wake(self: Arc<Self>) {}
        }
        let waker = Waker::from(Arc::new(Nothing));
        let mut handle = spawn(async { 5 });
        let output = loop {
            match Pin::new(&mut handle).poll(&mut Context::from_waker(&waker)) {
                Poll::Ready(output) => break output.unwrap(),
                Poll::Pending => gorace::thread::yield_now(),
            }
        };
        assert_eq!(output, 5);
    }

    fn a_future_that_yields_lets_the_others_run() {
        let done = Arc::new(AtomicUsize::new(0));
        let theirs = done.clone();
        let task = spawn(async move { theirs.store(1, SeqCst) });
        block_on(poll_fn(|cx| {
            if done.load(SeqCst) == 1 {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        }));
        block_on(task).unwrap();
    }

    /// It yields although it locks and unlocks in between, which looks like progress.
    fn a_future_that_yields_between_two_looks_under_a_lock() {
        let done = Arc::new(Mutex::new(false));
        let theirs = done.clone();
        let task = spawn(async move { *theirs.lock().unwrap() = true });
        block_on(poll_fn(|cx| {
            if *done.lock().unwrap() {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        }));
        block_on(task).unwrap();
    }
}

#[gorace::checked_test]
async fn an_async_test_is_polled_as_any_future() {
    let (tx, rx) = oneshot::channel();
    let task = spawn(async move { tx.send(1) });
    assert_eq!(rx.await, Some(1));
    task.await.unwrap();
}

/// A future that wakes itself steps back, as `thread::yield_now` does from the third time on: neither is tried again and again. The
/// other task comes before one of the looks, or after them.
#[test]
fn a_future_that_wakes_itself_yields() {
    let program = |future: bool| {
        move || {
            let done = Arc::new(Mutex::new(false));
            let theirs = done.clone();
            let task = gorace::go!({ *theirs.lock().unwrap() = true });
            while !*done.lock().unwrap() {
                if !future {
                    gorace::thread::yield_now();
                    continue;
                }
                let mut woken = false;
                block_on(poll_fn(|cx| {
                    if std::mem::replace(&mut woken, true) {
                        return Poll::Ready(());
                    }
                    cx.waker().wake_by_ref();
                    Poll::Pending
                }));
            }
            task.join().unwrap();
        }
    };
    let count = |future| {
        let outcome = Checker::new().run(program(future));
        outcome.assert_clean();
        assert_eq!(outcome.verdict, Verdict::Verified);
        outcome.executions
    };
    assert_eq!(count(true), 2);
    // Elsewhere stacks are not looked at.
    let is_told = cfg!(all(target_arch = "x86_64", target_os = "linux", not(gorace_portable)));
    assert_eq!(count(false), if is_told { 4 } else { 2 });
}

#[test]
fn every_order_of_three_tasks_is_explored() {
    let seen = Arc::new(std::sync::Mutex::new(std::collections::BTreeSet::new()));
    let theirs = seen.clone();
    let outcome = Checker::new().run(move || {
        let order = Arc::new(Mutex::new(Vec::new()));
        let tasks: Vec<_> = (0..3)
            .map(|i| {
                let order = order.clone();
                spawn(async move { order.lock().unwrap().push(i) })
            })
            .collect();
        block_on(async {
            for task in tasks {
                task.await.unwrap();
            }
        });
        theirs.lock().unwrap().insert(order.lock().unwrap().clone());
    });
    outcome.assert_clean();
    assert_eq!(seen.lock().unwrap().len(), 6, "3! orders");
}

#[test]
fn a_panic_that_nobody_awaits_is_a_finding() {
    let outcome = Checker::new().run(|| {
        let task = spawn(async { panic!("nobody awaits it") });
        drop(task);
    });
    assert_eq!(outcome.expect("panic").len(), outcome.findings.len());
    let taken = Checker::new().run(|| {
        let result: Result<(), _> = block_on(spawn(async { panic!("somebody awaits it") }));
        assert!(result.is_err());
    });
    taken.assert_clean();
}

#[test]
fn a_detached_task_may_outlive_main() {
    use gorace::Detach as _;
    let outcome = Checker::new().run(|| spawn(std::future::pending::<()>()).detach());
    outcome.assert_clean();
}

#[test]
#[should_panic(expected = "a JoinHandle is polled after it was ready")]
fn a_handle_is_not_polled_after_its_end() {
    let mut handle = spawn(async {});
    block_on(&mut handle).unwrap();
    let _ = block_on(&mut handle);
}

#[test]
fn a_waker_that_outlives_its_execution_wakes_nobody() {
    let kept: Arc<std::sync::Mutex<Vec<Waker>>> = Arc::default();
    let theirs = kept.clone();
    let outcome = Checker::new().run(move || {
        let kept = theirs.clone();
        kept.lock().unwrap().drain(..).for_each(Waker::wake);
        let (tx, rx) = oneshot::channel();
        let sender = gorace::go!({ tx.send(1) });
        let mut rx = pin!(rx);
        block_on(poll_fn(|cx| {
            kept.lock().unwrap().push(cx.waker().clone());
            rx.as_mut().poll(cx)
        }));
        sender.join().unwrap();
    });
    outcome.assert_clean();
    kept.lock().unwrap().drain(..).for_each(Waker::wake);
}

#[test]
fn awaiting_in_a_destructor_of_teardown_comes_to_an_end() {
    struct Awaits(Option<gorace::future::JoinHandle<()>>);
    impl Drop for Awaits {
        fn drop(&mut self) {
            if let Some(handle) = self.0.take() {
                let _ = block_on(handle);
            }
        }
    }
    let outcome = Checker::new().max_executions(20).keep_going(true).run(|| {
        let _awaits = Awaits(Some(spawn(std::future::pending())));
        block_on(std::future::pending::<()>());
    });
    assert_eq!(outcome.expect("deadlock").len(), outcome.findings.len());
}
