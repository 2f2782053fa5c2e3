//! Contexts as Go's `context` documents them, outside and inside.
#![cfg(feature = "check")]

mod both_worlds;

use both_worlds::ends;
use gorace::chan::TryRecvError;
use gorace::context::{self, Ctx, Error};
use gorace::time::{self, Duration};
use gorace::{Checker, chan, go, select};
use std::collections::BTreeSet;

const SHORT: Duration = Duration::from_millis(2);
const LONG: Duration = Duration::from_secs(3600 * 24 * 365);

fn is_done(ctx: &Ctx) -> bool {
    ctx.done().try_recv() == Err(TryRecvError::Closed)
}

fn cause(ctx: &Ctx) -> Option<String> {
    ctx.cause().map(|cause| cause.to_string())
}

both_worlds! {
    /// "If Done is not yet closed, Err returns nil." "Canceled if the context was canceled". "Successive calls to
    /// Done return the same value."
    fn with_cancel_is_cancelled_by_its_function() {
        let (ctx, cancel) = context::with_cancel(&context::background());
        assert!(ctx.err().is_none() && !is_done(&ctx));
        let done = ctx.done();
        cancel.cancel();
        assert_eq!(ctx.err(), Some(Error::Canceled));
        assert_eq!((done.recv(), ctx.done().recv()), (None, None));
        assert_eq!(Error::Canceled.to_string(), "context canceled");
    }

    /// "After the first call, subsequent calls to a CancelFunc do nothing."
    fn cancelling_again_does_nothing() {
        let (ctx, cancel) = context::with_cancel(&context::background());
        cancel.cancel();
        cancel.clone().cancel();
        assert_eq!(ctx.err(), Some(Error::Canceled));
    }

    /// "err is set before done closes": whoever sees the one sees the other.
    fn err_is_set_before_done_closes() {
        let (ctx, cancel) = context::with_cancel(&context::background());
        let theirs = ctx.clone();
        let waiter = go!({
            theirs.done().recv();
            theirs.err()
        });
        cancel.cancel();
        assert_eq!(waiter.join().unwrap(), Some(Error::Canceled));
    }

    /// "When a Context is canceled, all Contexts derived from it are also canceled." Before `cancel` returns.
    fn children_are_cancelled_before_cancel_returns() {
        let (parent, cancel) = context::with_cancel(&context::background());
        let (child, _child) = context::with_cancel(&context::with_value(&parent, "a", 1));
        let (grandchild, _grandchild) = context::with_cancel_cause(&child);
        let (sibling, cancel_sibling) = context::with_cancel(&parent);
        cancel_sibling.cancel();
        assert!(is_done(&sibling) && !is_done(&parent) && !is_done(&child));
        cancel.cancel();
        for ctx in [&parent, &child, &grandchild] {
            assert!(is_done(ctx));
            assert_eq!(ctx.err(), Some(Error::Canceled));
        }
    }

    /// The same if two cancel at once: the one whose call comes second returns after the first is over.
    fn whoever_cancels_second_finds_the_children_cancelled() {
        let (parent, cancel) = context::with_cancel(&context::background());
        let (child, _) = context::with_cancel(&parent);
        let other = cancel.clone();
        let handle = go!({ other.cancel() });
        cancel.cancel();
        assert!(is_done(&child));
        handle.join().unwrap();
    }

    /// A context below one that is cancelled is cancelled from the start.
    fn below_a_cancelled_one_everything_is_cancelled() {
        let (parent, cancel) = context::with_cancel_cause(&context::background());
        cancel.cancel("closing");
        let (child, _cancel) = context::with_cancel(&parent);
        assert_eq!((child.err(), cause(&child).as_deref()), (Some(Error::Canceled), Some("closing")));
        let (late, _cancel) = context::with_timeout(&parent, LONG);
        assert!(is_done(&late) && late.err() == Some(Error::Canceled));
    }

    /// "Cause returns a non-nil error explaining why c was canceled. The first cancellation of c or one of its
    /// parents sets the cause." "Otherwise Cause(c) returns the same value as c.Err()."
    fn the_first_cause_stays() {
        let (parent, cancel_parent) = context::with_cancel_cause(&context::background());
        let (child, cancel_child) = context::with_cancel_cause(&parent);
        assert!(child.cause().is_none());
        cancel_child.cancel("the child's");
        cancel_parent.cancel(std::io::Error::other("the parent's"));
        cancel_parent.cancel("too late");
        assert_eq!(cause(&child).as_deref(), Some("the child's"));
        assert_eq!(cause(&parent).as_deref(), Some("the parent's"));
        assert_eq!((parent.err(), child.err()), (Some(Error::Canceled), Some(Error::Canceled)));
        let (plain, cancel) = context::with_cancel(&context::background());
        cancel.cancel();
        assert_eq!(cause(&plain).as_deref(), Some("context canceled"));
    }

    /// "Calling [Cause] on the canceled context or any of its children retrieves the cause."
    fn the_cause_is_inherited() {
        let (parent, cancel) = context::with_cancel_cause(&context::background());
        let (child, _cancel) = context::with_cancel(&parent);
        let (grandchild, _cancel) = context::with_cancel_cause(&child);
        cancel.cancel("no route");
        assert_eq!(cause(&grandchild).as_deref(), Some("no route"));
    }

    /// "DeadlineExceeded is the error returned by [Context.Err] when the context is canceled due to its deadline
    /// passing."
    fn with_timeout_is_cancelled_by_time() {
        let start = time::now();
        let (ctx, cancel) = context::with_timeout(&context::background(), SHORT);
        assert!(ctx.deadline().is_some_and(|deadline| deadline >= start + SHORT));
        let (child, _cancel) = context::with_cancel(&ctx);
        ctx.done().recv();
        assert!(time::now() >= start + SHORT);
        assert_eq!(ctx.err(), Some(Error::DeadlineExceeded));
        assert_eq!(child.err(), Some(Error::DeadlineExceeded));
        assert_eq!(cause(&ctx).as_deref(), Some("context deadline exceeded"));
        cancel.cancel();
        assert_eq!(ctx.err(), Some(Error::DeadlineExceeded), "the first one stays");
    }

    /// "If the parent's deadline is already earlier than d, WithDeadline(parent, d) is semantically equivalent to
    /// parent." "the child's deadline is the earlier of its own and its parent's".
    fn the_childs_deadline_is_the_earlier() {
        let (parent, _cancel) = context::with_timeout(&context::background(), LONG * 90);
        let (later, _cancel) = context::with_timeout(&parent, LONG * 95);
        assert_eq!(later.deadline(), parent.deadline());
        let (earlier, _cancel) = context::with_timeout(&parent, SHORT);
        // It may have passed already, in virtual time.
        assert!(earlier.deadline() <= parent.deadline());
        let at = parent.deadline().unwrap() - SHORT;
        let (exact, _cancel) = context::with_deadline(&parent, at);
        assert_eq!(exact.deadline(), Some(at));
        let (same, _cancel) = context::with_cancel(&earlier);
        assert_eq!(same.deadline(), earlier.deadline());
    }

    /// "deadline has already passed": cancelled at once.
    fn a_deadline_in_the_past_cancels_at_once() {
        let (ctx, _cancel) = context::with_deadline(&context::background(), time::now());
        assert!(is_done(&ctx));
        assert_eq!(ctx.err(), Some(Error::DeadlineExceeded));
        let (ctx, _cancel) = context::with_timeout(&context::background(), Duration::ZERO);
        assert_eq!(ctx.err(), Some(Error::DeadlineExceeded));
    }

    /// "Value returns the value associated with this context for key, or nil if no value is associated with key."
    fn values_are_found_from_below() {
        let ctx = context::with_value(&context::background(), "user", String::from("ada"));
        let (below, _cancel) = context::with_cancel(&ctx);
        let below = context::with_value(&below, "id", 7_u32);
        assert_eq!(below.value::<String>("user").as_deref().map(String::as_str), Some("ada"));
        assert_eq!(below.value::<u32>("id").as_deref(), Some(&7));
        assert!(below.value::<u64>("id").is_none() && below.value::<u32>("no").is_none());
        assert!(ctx.value::<u32>("id").is_none());
        let nearer = context::with_value(&below, "id", 8_u32);
        assert_eq!(nearer.value::<u32>("id").as_deref(), Some(&8));
    }

    /// "WithoutCancel returns a derived context that points to the parent context and is not canceled when parent is
    /// canceled. The returned context returns no Deadline or Err, and its Done channel is nil."
    fn without_cancel_keeps_the_values_alone() {
        let (ctx, cancel) = context::with_timeout(&context::with_value(&context::background(), "id", 7), LONG);
        let rest = context::without_cancel(&ctx);
        cancel.cancel();
        assert!(rest.err().is_none() && rest.deadline().is_none() && rest.done().is_nil());
        assert!(rest.cause().is_none());
        assert_eq!(rest.value("id").as_deref(), Some(&7));
    }

    /// "AfterFunc arranges to call f in its own goroutine after ctx is canceled." "Calling the returned stop function
    /// stops the association of ctx with f. It returns true if the call stopped f from being run."
    fn after_func_runs_once_it_is_cancelled() {
        let (ctx, cancel) = context::with_cancel(&context::background());
        let (tx, rx) = chan(0);
        let stop = context::after_func(&ctx, move || tx.send(()));
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
        cancel.cancel();
        assert_eq!(rx.recv(), Some(()));
        assert!(!stop.stop(), "it has run");
    }

    /// "If ctx is already canceled, AfterFunc calls f immediately in its own goroutine."
    fn after_func_on_a_cancelled_one_runs_at_once() {
        let (ctx, cancel) = context::with_cancel(&context::background());
        cancel.cancel();
        let (tx, rx) = chan(0);
        let stop = context::after_func(&ctx, move || tx.send(()));
        assert_eq!(rx.recv(), Some(()));
        assert!(!stop.stop());
    }

    /// "If stop returns false, either the context is canceled and f has been started in its own goroutine; or f was
    /// already stopped."
    fn stop_says_whether_it_prevented() {
        let (ctx, cancel) = context::with_cancel(&context::background());
        let stop = context::after_func(&ctx, || panic!("stopped"));
        assert!(stop.clone().stop());
        assert!(!stop.stop());
        cancel.cancel();
        let never = context::after_func(&context::background(), || panic!("never"));
        assert!(never.stop() && !never.stop());
    }

    /// "Multiple calls to AfterFunc on a context operate independently; one does not replace another."
    fn several_functions_run() {
        let (parent, cancel) = context::with_cancel(&context::background());
        let (child, _cancel) = context::with_cancel(&parent);
        let (tx, rx) = chan(0);
        let other = tx.clone();
        let _stop = context::after_func(&parent, move || tx.send(()));
        let _stop = context::after_func(&child, move || other.send(()));
        cancel.cancel();
        assert_eq!((rx.recv(), rx.recv()), (Some(()), Some(())));
    }

    /// Dropping handles cancels nothing, and a channel that somebody kept is closed all the same.
    fn dropping_does_not_cancel() {
        let (parent, cancel) = context::with_cancel(&context::background());
        let done = {
            let (child, cancel) = context::with_cancel(&parent);
            drop(cancel);
            assert!(child.err().is_none());
            child.done()
        };
        assert_eq!(done.try_recv(), Err(TryRecvError::Empty));
        cancel.cancel();
        assert_eq!(done.recv(), None);
    }

    /// The loop of every worker: what comes first, the work or the end.
    fn a_worker_stops_when_it_is_told() {
        let (ctx, cancel) = context::with_cancel(&context::background());
        let (tx, rx) = chan(0);
        let worker = go!({
            let mut n = 0;
            loop {
                select! {
                    recv(ctx.done()) -> _ => return n,
                    send(tx, n) => n += 1,
                }
            }
        });
        assert_eq!(rx.recv(), Some(0));
        cancel.cancel();
        assert_eq!(worker.join().unwrap(), 1);
    }
}

/// "Background returns a non-nil, empty Context. It is never canceled, has no values, and has no deadline."
/// "Done may return nil if this context can never be canceled."
#[test]
fn background_is_never_cancelled() {
    for ctx in [context::background(), context::todo(), context::with_value(&context::todo(), "a", 1)] {
        assert!(ctx.done().is_nil());
        assert!(ctx.err().is_none() && ctx.cause().is_none() && ctx.deadline().is_none());
        assert_eq!(ctx.done().try_recv(), Err(TryRecvError::Empty));
    }
}

/// A deadline may pass at any point; whoever looks sees the one or the other.
#[test]
fn a_timeout_races_with_the_result() {
    let seen = ends(|| {
        let (ctx, cancel) = context::with_timeout(&context::background(), LONG);
        let (tx, rx) = chan(1);
        go!({ tx.send(7) });
        let got = select! { recv(rx) -> v => v, recv(ctx.done()) -> _ => None };
        cancel.cancel();
        (got, ctx.err() == Some(Error::DeadlineExceeded))
    });
    assert_eq!(seen, BTreeSet::from([(Some(7), false), (Some(7), true), (None, true)]));
}

/// Whether the call or the deadline comes first is explored, and one of them it is.
#[test]
fn the_first_to_cancel_decides() {
    let seen = ends(|| {
        let (ctx, cancel) = context::with_timeout(&context::background(), SHORT);
        let handle = go!({ cancel.cancel() });
        ctx.done().recv();
        let err = ctx.err();
        handle.join().unwrap();
        assert_eq!(err, ctx.err());
        err.map(|err| err.to_string())
    });
    let both = [Error::Canceled, Error::DeadlineExceeded].map(|err| Some(err.to_string()));
    assert_eq!(seen, BTreeSet::from(both));
}

/// Of two causes one stays, and everybody below has the same.
#[test]
fn one_of_two_causes_stays() {
    let seen = ends(|| {
        let (parent, cancel) = context::with_cancel_cause(&context::background());
        let (child, _cancel) = context::with_cancel(&parent);
        let other = cancel.clone();
        let handle = go!({ other.cancel("theirs") });
        cancel.cancel("mine");
        handle.join().unwrap();
        assert_eq!(cause(&child), cause(&parent));
        cause(&child)
    });
    assert_eq!(seen, BTreeSet::from(["mine", "theirs"].map(|cause| Some(cause.to_owned()))));
}

/// "`stop` returns true iff it prevented f": never both, never neither.
#[test]
fn stop_races_with_cancel() {
    let seen = ends(|| {
        let (ctx, cancel) = context::with_cancel(&context::background());
        let (tx, rx) = chan(1);
        let stop = context::after_func(&ctx, move || tx.send(()));
        let handle = go!({ cancel.cancel() });
        let prevented = stop.stop();
        handle.join().unwrap();
        // If it was started, it comes to its end.
        let ran = !prevented && rx.recv().is_some();
        (prevented, ran)
    });
    assert_eq!(seen, BTreeSet::from([(true, false), (false, true)]));
}

/// What was written before cancelling is seen after `done`: no race.
#[test]
fn cancelling_orders() {
    gorace::check(|| {
        let shared = std::sync::Arc::new(gorace::cell::Shared::new(0));
        let (parent, cancel) = context::with_cancel(&context::background());
        let (child, _cancel) = context::with_cancel(&parent);
        let theirs = shared.clone();
        let waiter = go!({
            child.done().recv();
            theirs.get()
        });
        shared.set(5);
        cancel.cancel();
        assert_eq!(waiter.join().unwrap(), 5);
    });
}

/// The same by looking at `err`, and for the function that is started then.
#[test]
fn whoever_sees_err_or_is_started_comes_after_the_cancelling() {
    gorace::check(|| {
        let shared = std::sync::Arc::new(gorace::cell::Shared::new(0));
        let (ctx, cancel) = context::with_cancel(&context::background());
        let (looks, runs) = (shared.clone(), shared.clone());
        let (tx, rx) = chan(0);
        let _stop = context::after_func(&ctx, move || {
            tx.send(runs.get());
        });
        let looker = go!({ ctx.err().is_none() || looks.get() == 5 });
        shared.set(5);
        cancel.cancel();
        assert!(looker.join().unwrap());
        assert_eq!(rx.recv(), Some(5));
    });
}

/// "A context that nothing ever cancels while a task waits on it is named in the leak report, with the place it was
/// made."
#[test]
fn a_context_that_nothing_cancels_is_a_leak() {
    let outcome = Checker::new().run(|| {
        let (ctx, _cancel) = context::with_cancel(&context::background());
        go!({ ctx.done().recv() });
    });
    let leak = outcome.expect("leak")[0];
    assert!(
        leak.title.ends_with("waits for ever for `ctx`, which nothing cancels; `main` has finished"),
        "{leak:?}"
    );
    assert_eq!(outcome.findings.len(), 1, "{}", outcome.report());
    let report = outcome.report();
    // Underlined where it was made.
    let made = report.lines().position(|line| line.contains("context::with_cancel(&context::background())"));
    // The label hangs below its marks, since beside them it does not fit.
    let label = report.lines().nth(made.expect("the line is shown") + 2).expect("two lines below it");
    assert!(label.contains("`ctx` was made here; nothing cancels it"), "{report}");
}

/// The same in a `select!`, below a parent that lives, and for the one of several that it waits for.
#[test]
fn the_context_that_is_named_is_the_one_waited_for() {
    let outcome = Checker::new().run(|| {
        let (outer_ctx, cancel) = context::with_cancel(&context::background());
        let (cut_ctx, _cut) = context::with_cancel(&context::without_cancel(&outer_ctx));
        let (_tx, rx) = chan::<()>(0);
        go!("worker", {
            select! { recv(rx) -> _ => {}, recv(cut_ctx.done()) -> _ => {} }
        });
        cancel.cancel();
    });
    let leak = outcome.expect("leak")[0];
    assert!(leak.title.contains("waits for ever for `cut_ctx`, which nothing cancels"), "{leak:?}");
}

/// A deadline that is still to come is no leak: it passes.
#[test]
fn a_context_with_a_deadline_is_no_leak() {
    gorace::check(|| {
        let (ctx, _cancel) = context::with_timeout(&context::background(), LONG);
        go!({ ctx.done().recv() });
    });
}

/// A tree may be as deep as there are tasks, and is cancelled and dropped on the stack of one.
#[test]
fn a_chain_of_ten_thousand_contexts_is_cancelled() {
    let outcome = Checker::new().max_executions(1).run(|| {
        let (root, cancel) = context::with_cancel(&context::background());
        let chain = (0..10_000).fold(root, |above, _| context::with_cancel(&above).0);
        assert_eq!(chain.err(), None);
        cancel.cancel();
        assert_eq!((chain.err(), chain.done().recv()), (Some(Error::Canceled), None));
        // Below one that is over already, at once.
        let late = (0..10_000).fold(chain, |above, _| context::with_cancel(&above).0);
        assert_eq!(late.err(), Some(Error::Canceled));
    });
    outcome.assert_clean();
}

/// In Go another goroutine may find the child not over yet. Here that is one step, which is told as what is not explored.
#[test]
fn a_tree_is_cancelled_in_one_step() {
    let seen = ends(|| {
        let (parent, cancel) = context::with_cancel(&context::background());
        let (child, _child) = context::with_cancel(&parent);
        let cancels = go!({ cancel.cancel() });
        parent.done().recv();
        let is_over = child.err().is_some();
        cancels.join().unwrap();
        is_over
    });
    assert_eq!(seen, BTreeSet::from([true]));
}
