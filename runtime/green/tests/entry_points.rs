//! `check`, `Checker` and `Outcome`: what they promise to whoever calls them.
#![cfg(feature = "check")]

use gorace::check::{Limit, Strategy, Verdict};
use gorace::sync::atomic::{AtomicU32, Ordering::SeqCst};
use gorace::sync::{Arc, Mutex};
use gorace::{Checker, Outcome};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

fn words(f: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(f)).expect_err("it panics");
    let text = payload.downcast_ref::<String>().cloned();
    text.or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned())).expect("a text")
}

/// Deadlocks in one of its orders.
fn transfer() {
    let (a, b) = (Arc::new(Mutex::new(0)), Arc::new(Mutex::new(0)));
    let (a2, b2) = (a.clone(), b.clone());
    let other = gorace::go!("other", {
        let _b = b2.lock().unwrap();
        let _a = a2.lock().unwrap();
    });
    {
        let _a = a.lock().unwrap();
        let _b = b.lock().unwrap();
    }
    other.join().unwrap();
}

fn lock_once() {
    drop(Mutex::new(0).lock());
}

fn three_stores() {
    let n = Arc::new(AtomicU32::new(0));
    let stores = [1, 2, 3].map(|i| {
        let n = n.clone();
        gorace::go!({ n.store(i, SeqCst) })
    });
    stores.into_iter().for_each(|store| store.join().unwrap());
}

/// "`gorace::check(f)` = `Checker::new().run(f).assert_clean()`".
#[test]
fn check_panics_with_the_report() {
    gorace::check(lock_once);
    let report = words(|| gorace::check(transfer));
    assert!(
        report.starts_with("error[GR0002]: deadlock") || report.contains("\nerror[GR0002]: deadlock"),
        "{report}"
    );
    assert!(report.contains("entry_points.rs"), "{report}");
}

/// "`assert_clean()` panics with the report; `expect("GR0002")` or `expect("deadlock")` if it was not found."
#[test]
fn expect_takes_a_code_or_a_word_and_panics_without_it() {
    let outcome = Checker::new().run(transfer);
    assert_eq!(outcome.expect("GR0002"), outcome.expect("deadlock"));
    assert_eq!(outcome.verdict, Verdict::Failed);
    assert!(words(|| _ = outcome.expect("leak")).contains("found something else"));
    assert!(words(|| outcome.assert_clean()).contains("GR0002"));
    let clean = Checker::new().run(lock_once);
    clean.assert_clean();
    assert!(words(|| _ = clean.expect("deadlock")).contains("found nothing"));
    assert!(words(|| _ = clean.expect("deadlok")).contains("no finding is called `deadlok`"));
}

/// "each with `code`, `title`, `fingerprint`, `schedule`, `locations`", and `Strategy::Replay(token)`.
#[test]
fn a_findings_schedule_replays_it() {
    let outcome = Checker::new().run(transfer);
    let finding = outcome.expect("deadlock")[0].clone();
    assert!(finding.title.starts_with("deadlock"), "{}", finding.title);
    assert!(
        finding
            .locations
            .iter()
            .all(|at| at.file.ends_with("entry_points.rs") && at.line > 1 && at.column > 1)
    );
    let schedule = finding.schedule.parse().expect("a schedule");
    let replayed = Checker::new().strategy(Strategy::Replay(schedule)).run(transfer);
    let again = &replayed.expect("deadlock")[0];
    assert_eq!((&again.title, &again.fingerprint), (&finding.title, &finding.fingerprint));
    assert_eq!(replayed.executions, 1);
}

/// The name of a bug does not depend on how it was found.
#[test]
fn fingerprints_are_the_same_under_every_strategy() {
    let names: BTreeSet<String> = [Strategy::Exhaustive, Strategy::Random, Strategy::Auto]
        .into_iter()
        .map(|strategy| {
            Checker::new().strategy(strategy).run(transfer).expect("deadlock")[0].fingerprint.clone()
        })
        .collect();
    assert_eq!(names.len(), 1);
}

/// "`allow`": findings of that kind do not count.
#[test]
fn what_is_allowed_does_not_count() {
    Checker::new().allow(&["deadlock"]).run(transfer).assert_clean();
    Checker::new().allow(&["GR0002", "leak"]).run(transfer).assert_clean();
    Checker::new().allow(&["leak"]).run(transfer).expect("deadlock");
    assert!(words(|| _ = Checker::new().allow(&["lek"])).contains("no finding is called `lek`"));
}

/// Random strategies draw from all schedules: a bound beside one of them would do nothing.
#[test]
fn a_bound_on_preemptions_is_for_searches() {
    for strategy in ["portfolio", "random", "pos", "surw", "urw", "pct(5)"] {
        let checker = || Checker::new().strategy(Strategy::from_word(strategy).unwrap());
        let refused = words(move || _ = checker().max_preemptions(2).run(three_stores));
        let expected =
            "invalid max_preemptions: expected the strategy auto or exhaustive, which keep it, got";
        assert_eq!(refused, format!("{expected} `{strategy}`"));
        assert!(checker().max_executions(3).run(three_stores).findings.is_empty());
    }
}

/// "`Verdict::{Verified, VerifiedUpTo { preemptions }, Tested, Failed}`": 3! orders of three stores, and 3! ends
/// without preemptions, since each task stores once.
#[test]
fn verdicts_say_what_was_covered() {
    let exhaustive = || Checker::new().strategy(Strategy::Exhaustive);
    let summary = |outcome: Outcome| (outcome.verdict, outcome.summary());
    let all = "verified: all 6 interleavings".to_owned();
    assert_eq!(summary(exhaustive().run(three_stores)), (Verdict::Verified, all));
    let (verdict, words) = summary(exhaustive().max_preemptions(0).run(three_stores));
    assert_eq!(verdict, Verdict::VerifiedUpTo { preemptions: 0 });
    assert!(words.starts_with("verified up to 0 preemptions"), "{words}");
    // Cut by the budget, and random: never verified.
    let (verdict, words) = summary(exhaustive().max_executions(2).run(three_stores));
    assert_eq!(verdict, Verdict::Tested, "{words}");
    let (verdict, words) =
        summary(Checker::new().strategy(Strategy::Random).max_executions(7).run(three_stores));
    assert_eq!(verdict, Verdict::Tested);
    assert!(words.starts_with("tested: 7 schedules (random)"), "{words}");
    let (verdict, words) = summary(exhaustive().timeout(Duration::from_nanos(1)).run(three_stores));
    assert_eq!(verdict, Verdict::Tested, "{words}");
}

/// A budget of nothing would check nothing: the builder refuses it as the variables do.
#[test]
fn budgets_of_nothing_are_refused() {
    let number = |name| format!("invalid {name}: expected a number from 1 to 2^64 - 1, got `0`");
    assert_eq!(words(|| _ = Checker::new().max_executions(0)), number("max_executions"));
    assert_eq!(words(|| _ = Checker::new().max_steps(0)), number("max_steps"));
    let time = "invalid timeout: expected more than no time, such as `Duration::from_secs(30)`, got `0ns`";
    assert_eq!(words(|| _ = Checker::new().timeout(Duration::ZERO)), time);
    // One is something.
    let outcome = Checker::new().max_executions(1).run(three_stores);
    assert_eq!((outcome.verdict, outcome.executions), (Verdict::Tested, 1), "{}", outcome.summary());
    let outcome = Checker::new().max_executions(1).max_steps(1).run(three_stores);
    assert_eq!(outcome.limits, [Limit::StepLimit]);
}

/// "`Auto` is exhaustive while that fits the budget, random after": half of the budget, then a quarter for bounds on preemptions, and the rest
/// is schedules of the rotation.
#[test]
fn auto_is_exhaustive_while_that_fits() {
    let auto = |budget| Checker::new().strategy(Strategy::Auto).max_executions(budget).run(three_stores);
    assert_eq!((auto(1_000).executions, auto(1_000).verdict), (6, Verdict::Verified));
    let small = auto(8);
    assert_eq!(small.verdict, Verdict::Tested, "{}", small.summary());
    assert!(small.summary().contains("(dpor, bounded, pos, surw)"), "{}", small.summary());
}

/// "`Strategy::{Auto, Exhaustive, Random, Pos, Surw, Urw, Pct { depth }}`": each runs its budget, says what it was, finds
/// a deadlock, and gives it the one name that it has.
#[test]
fn every_strategy_is_named_by_its_verdict() {
    let strategies =
        [Strategy::Random, Strategy::Pos, Strategy::Surw, Strategy::Urw, Strategy::Pct { depth: 5 }];
    let mut names = BTreeSet::new();
    for strategy in strategies {
        let checker = || Checker::new().strategy(strategy.clone()).max_executions(50);
        let clean = checker().run(three_stores);
        assert_eq!((clean.verdict, clean.executions), (Verdict::Tested, 50));
        assert_eq!(clean.summary(), format!("tested: 50 schedules ({strategy})"));
        names.insert(checker().run(transfer).expect("deadlock")[0].fingerprint.clone());
    }
    assert_eq!(names.len(), 1);
}

/// "`seed`": the same one gives the same schedules, another one others.
#[test]
fn a_seed_means_the_same_schedules() {
    let orders = |seed| {
        let orders = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let seen = orders.clone();
        let checker = Checker::new().strategy(Strategy::Random).seed(seed).max_executions(20);
        checker.run(move || {
            let order = Arc::new(Mutex::new(Vec::new()));
            let pushes = [1, 2, 3].map(|i| {
                let order = order.clone();
                gorace::go!({ order.lock().unwrap().push(i) })
            });
            pushes.into_iter().for_each(|push| push.join().unwrap());
            seen.lock().unwrap().push(order.lock().unwrap().clone());
        });
        std::mem::take(&mut *orders.lock().unwrap())
    };
    assert_eq!(orders(7), orders(7));
    assert_ne!(orders(7), orders(8));
}

/// "`keep_going`": the whole budget is used. Without it some more executions count how often the finding shows.
#[test]
fn keep_going_goes_on_after_a_finding() {
    let random = || Checker::new().strategy(Strategy::Random).max_executions(5_000);
    assert!(random().run(transfer).executions < 5_000);
    assert_eq!(random().keep_going(true).run(transfer).executions, 5_000);
}

/// What was run is what is counted, and a report does not say that a run ended where it went on.
#[test]
fn a_run_that_goes_on_after_its_finding_says_so() {
    let always = || {
        let n = Arc::new(Mutex::new(0));
        let other = n.clone();
        gorace::go!({ *other.lock().unwrap() += 1 }).join().unwrap();
        assert_eq!(*n.lock().unwrap(), 2);
    };
    let runs = Arc::new(std::sync::atomic::AtomicU64::new(0));
    let counted = runs.clone();
    let outcome = Checker::new().strategy(Strategy::Random).max_executions(5_000).run(move || {
        counted.fetch_add(1, SeqCst);
        always();
    });
    assert_eq!((outcome.findings[0].found_in, outcome.executions), (1, 1_001));
    assert_eq!(runs.load(SeqCst), outcome.executions + outcome.redundant + outcome.auxiliary);
    let report = outcome.report();
    let words = "found in execution 1 of 1 001 (random, went on for a while after the first finding, ";
    assert!(report.contains(words) && !report.contains("stopped"), "{report}");
    // An exhaustive search of one execution has nowhere to go on to.
    let report = Checker::new().strategy(Strategy::Exhaustive).run(always).report();
    assert!(report.contains("found in execution 1 of 1 (exhaustive, complete, "), "{report}");
}

#[test]
fn a_check_cannot_run_inside_another() {
    let outcome = Checker::new().run(|| {
        lock_once();
        gorace::check(lock_once);
    });
    assert!(outcome.expect("panic")[0].title.contains("a check cannot run inside another check"));
}

/// "`gorace::thread::panicking` is per task and decides poisoning": while one task unwinds, and waits as it does,
/// another does not.
#[test]
fn panicking_is_per_task() {
    struct Waits(gorace::Receiver<()>, gorace::Sender<bool>);
    impl Drop for Waits {
        fn drop(&mut self) {
            self.1.send(gorace::thread::panicking());
            self.0.recv();
        }
    }
    gorace::check(|| {
        let ((lets, waits), (tells, told)) = (gorace::chan(0), gorace::chan(0));
        let unwinds = gorace::thread::spawn(move || {
            let _waits = Waits(waits, tells);
            panic!("on purpose");
        });
        assert_eq!(told.recv(), Some(true), "it unwinds");
        assert!(!gorace::thread::panicking(), "main does not");
        let lock = Arc::new(Mutex::new(0));
        drop(lock.lock().unwrap());
        assert!(!lock.is_poisoned());
        lets.send(());
        assert!(unwinds.join().is_err());
    });
}

/// "Std's own types in both modes".
#[test]
fn some_types_are_stds_own() {
    use gorace::sync::{self, mpsc};
    use std::any::TypeId;
    macro_rules! same {
        ($($ours:ty = $std:ty,)*) => { $(assert_eq!(TypeId::of::<$ours>(), TypeId::of::<$std>());)* };
    }
    same! {
        sync::Arc<u8> = std::sync::Arc<u8>,
        sync::Weak<u8> = std::sync::Weak<u8>,
        sync::atomic::Ordering = std::sync::atomic::Ordering,
        gorace::time::Duration = std::time::Duration,
        sync::LockResult<u8> = std::sync::LockResult<u8>,
        sync::PoisonError<u8> = std::sync::PoisonError<u8>,
        sync::TryLockError<u8> = std::sync::TryLockError<u8>,
        sync::TryLockResult<u8> = std::sync::TryLockResult<u8>,
        mpsc::SendError<u8> = std::sync::mpsc::SendError<u8>,
        mpsc::TrySendError<u8> = std::sync::mpsc::TrySendError<u8>,
        mpsc::RecvError = std::sync::mpsc::RecvError,
        mpsc::TryRecvError = std::sync::mpsc::TryRecvError,
        mpsc::RecvTimeoutError = std::sync::mpsc::RecvTimeoutError,
        gorace::thread::Result<u8> = std::thread::Result<u8>,
    }
}
