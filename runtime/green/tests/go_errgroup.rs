//! `errgroup` as `golang.org/x/sync/errgroup` documents it, outside and inside.
#![cfg(feature = "check")]

mod both_worlds;

use both_worlds::ends;
use gorace::context::{self, Error};
use gorace::go::errgroup::Group;
use gorace::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use gorace::{Checker, chan};
use std::collections::BTreeSet;
use std::sync::Arc;

fn text<T: ToString>(error: T) -> String {
    error.to_string()
}

both_worlds! {
    /// "Wait blocks until all function calls from the Go method have returned".
    fn wait_waits_for_all() {
        let group = Group::new();
        let n = Arc::new(AtomicUsize::new(0));
        for _ in 0..2 {
            let n = n.clone();
            group.go(move || {
                n.fetch_add(1, SeqCst);
                Ok::<(), String>(())
            });
        }
        assert!(group.wait().is_ok());
        assert_eq!(n.load(SeqCst), 2);
    }

    /// "... then returns the first non-nil error (if any) from them."
    fn wait_returns_the_error() {
        let group = Group::new();
        group.go(|| Ok::<(), String>(()));
        group.go(|| Err("broken"));
        assert_eq!(group.wait().map_err(text), Err("broken".to_owned()));
        assert_eq!(group.clone().wait().map_err(text), Err("broken".to_owned()));
    }

    /// "A zero Group is valid, has no limit on the number of active goroutines, and does not cancel on error."
    fn an_empty_group_has_nothing_to_wait_for() {
        assert!(Group::default().wait().is_ok());
    }

    /// "The derived Context is canceled the first time a function passed to Go returns a non-nil error or the first
    /// time Wait returns, whichever occurs first."
    fn the_first_error_cancels_the_context() {
        let (group, ctx) = Group::with_context(&context::background());
        let theirs = ctx.clone();
        group.go(move || {
            theirs.done().recv();
            Err(theirs.err().expect("it is over"))
        });
        group.go(|| Err("broken"));
        assert_eq!(group.wait().map_err(text), Err("broken".to_owned()));
        assert_eq!(ctx.err(), Some(Error::Canceled));
        assert_eq!(ctx.cause().map(text), Some("broken".to_owned()));
    }

    /// The same for the return of Wait.
    fn the_return_of_wait_cancels_the_context() {
        let (group, ctx) = Group::with_context(&context::background());
        group.go(|| Ok::<(), String>(()));
        assert!(ctx.err().is_none());
        assert!(group.wait().is_ok());
        assert_eq!((ctx.err(), ctx.cause().map(text)), (Some(Error::Canceled), Some("context canceled".to_owned())));
    }

    /// Whatever cancels the parent cancels the group's context.
    fn the_context_is_below_its_parent() {
        let (parent, cancel) = context::with_cancel(&context::background());
        let (group, ctx) = Group::with_context(&parent);
        group.go(move || {
            ctx.done().recv();
            Ok::<(), String>(())
        });
        cancel.cancel();
        assert!(group.wait().is_ok());
    }

    /// "SetLimit limits the number of active goroutines in this group to at most n."
    fn the_limit_holds() {
        let group = Group::new();
        group.set_limit(1);
        let running = Arc::new(AtomicUsize::new(0));
        for _ in 0..3 {
            let running = running.clone();
            group.go(move || {
                let others = running.fetch_add(1, SeqCst);
                running.fetch_sub(1, SeqCst);
                if others > 0 { Err(format!("{others} others")) } else { Ok(()) }
            });
        }
        assert!(group.wait().is_ok());
    }

    /// "Any subsequent call to the Go method will block until it can add an active goroutine without exceeding the
    /// configured limit."
    fn go_waits_for_its_place() {
        let group = Group::new();
        group.set_limit(1);
        let (tx, rx) = chan(0);
        let waits = group.clone();
        group.go(move || {
            rx.recv();
            Ok::<(), String>(())
        });
        let second = gorace::go!({ waits.go(|| Ok::<(), String>(())) });
        tx.send(());
        second.join().unwrap();
        assert!(group.wait().is_ok());
    }

    /// "A negative value indicates no limit."
    fn a_negative_limit_is_none() {
        let group = Group::new();
        group.set_limit(1);
        group.set_limit(-1);
        let (tx, rx) = chan(0);
        group.go(move || {
            tx.send(());
            Ok::<(), String>(())
        });
        group.go(move || {
            rx.recv();
            Ok::<(), String>(())
        });
        assert!(group.wait().is_ok());
    }

    /// "The limit must not be modified while any goroutines in the group are active." The words are Go's.
    fn the_limit_is_not_changed_while_somebody_runs() {
        let group = Group::new();
        group.set_limit(2);
        let (tx, rx) = chan(0);
        group.go(move || {
            rx.recv();
            Ok::<(), String>(())
        });
        let other = group.clone();
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| other.set_limit(3)));
        let panic = panic.expect_err("it panics");
        assert_eq!(
            panic.downcast_ref::<String>().map(String::as_str),
            Some("errgroup: modify limit while 1 goroutines in the group are still active")
        );
        tx.send(());
        assert!(group.wait().is_ok());
    }
}

/// Which error is the first is a matter of the schedule; the context's cause is the same one.
#[test]
fn the_first_of_two_errors_is_kept() {
    let seen = ends(|| {
        let (group, ctx) = Group::with_context(&context::background());
        group.go(|| Err("one"));
        group.go(|| Err("two"));
        let error = group.wait().map_err(text).expect_err("an error");
        assert_eq!(ctx.cause().map(text).as_ref(), Some(&error));
        error
    });
    assert_eq!(seen, BTreeSet::from(["one".to_owned(), "two".to_owned()]));
}

/// "A limit of zero will prevent any new goroutines from being added."
#[test]
fn with_limit_0_nothing_starts() {
    let outcome = Checker::new().run(|| {
        let group = Group::new();
        group.set_limit(0);
        group.go(|| Ok::<(), String>(()));
    });
    outcome.expect("deadlock");
}

/// In Go it ends the program.
#[test]
fn a_panic_in_a_group_is_found() {
    let outcome = Checker::new().run(|| {
        let group = Group::new();
        group.go(|| -> Result<(), String> { panic!("in the group") });
        let _ = group.wait();
    });
    outcome.expect("panic");
    assert_eq!(outcome.findings.len(), 1, "{}", outcome.report());
}

/// What the goroutines did is seen after `wait`.
#[test]
fn wait_comes_after_all_that_they_did() {
    gorace::check(|| {
        let shared = Arc::new(gorace::cell::Shared::new(0));
        let group = Group::new();
        let theirs = shared.clone();
        group.go(move || {
            theirs.set(5);
            Ok::<(), String>(())
        });
        group.wait().unwrap();
        assert_eq!(shared.get(), 5);
    });
}
