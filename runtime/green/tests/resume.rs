//! A search in pieces: what one go would run, each execution once, the same findings; and files that do not fit.
#![cfg(feature = "check")]

use gorace::check::{Strategy, Verdict};
use gorace::sync::atomic::{AtomicU32, Ordering::SeqCst};
use gorace::sync::{Arc, Condvar, Mutex};
use gorace::{Chan, Checker, Outcome};
use std::path::{Path, PathBuf};
use std::sync::atomic as plain;

/// A file of its own for each caller.
fn file(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("gorace-test-{}-{name}.resume", std::process::id()));
    let _ = std::fs::remove_file(&path);
    path
}

fn checker(name: &str) -> Checker {
    Checker::new().name(name).strategy(Strategy::Exhaustive).keep_going(true)
}

fn join(tasks: Vec<gorace::thread::JoinHandle<()>>) {
    tasks.into_iter().for_each(|task| _ = task.join());
}

fn sections() {
    let n = Arc::new(Mutex::new(0));
    join((0..3).map(|_| n.clone()).map(|n| gorace::thread::spawn(move || *n.lock().unwrap() += 1)).collect());
}

fn lost_update() {
    let n = Arc::new(AtomicU32::new(0));
    let add = |n: Arc<AtomicU32>| gorace::thread::spawn(move || n.store(n.load(SeqCst) + 1, SeqCst));
    join(vec![add(n.clone()), add(n.clone())]);
    assert_eq!(n.load(SeqCst), 2);
}

fn opposite_locks() {
    let locks = Arc::new((Mutex::new(0), Mutex::new(0)));
    let (first, second) = (locks.clone(), locks);
    join(vec![
        gorace::thread::spawn(move || drop((first.0.lock().unwrap(), first.1.lock().unwrap()))),
        gorace::thread::spawn(move || drop((second.1.lock().unwrap(), second.0.lock().unwrap()))),
    ]);
}

fn two_bugs() {
    opposite_locks();
    lost_update();
}

fn lost_wakeup() {
    let pair = Arc::new((AtomicU32::new(0), Mutex::new(()), Condvar::new()));
    let other = pair.clone();
    let waiter = gorace::thread::spawn(move || {
        let guard = other.1.lock().unwrap();
        if other.0.load(SeqCst) == 0 {
            drop(other.2.wait(guard).unwrap());
        }
    });
    pair.0.store(1, SeqCst);
    pair.2.notify_one();
    waiter.join().unwrap();
}

fn select_leak() {
    let (a, b) = (Chan::new(0), Chan::new(0));
    let (to_a, to_b) = (a.clone(), b.clone());
    gorace::go!({ to_a.send(1) });
    gorace::go!({ to_b.send(2) });
    gorace::select! { recv(a) -> _ => {}, recv(b) -> _ => {} }
}

fn readers() {
    let x = Arc::new(AtomicU32::new(0));
    let read = |x: Arc<AtomicU32>| gorace::thread::spawn(move || _ = x.load(SeqCst));
    let tasks = (0..4).map(|_| read(x.clone())).collect();
    x.store(1, SeqCst);
    join(tasks);
}

fn timeout() {
    let (tx, rx) = gorace::chan(0);
    let after = gorace::time::after(gorace::time::Duration::from_millis(5));
    gorace::go!({ tx.send(1) });
    gorace::select! { recv(rx) -> _ => {}, recv(after) -> _ => {} }
}

fn choice() {
    let n = gorace::any(3);
    let x = Arc::new(AtomicU32::new(0));
    let other = x.clone();
    let task = gorace::thread::spawn(move || other.store(n as u32, SeqCst));
    assert!(x.load(SeqCst) != 2, "two");
    task.join().unwrap();
}

fn ticker() {
    let ticker = gorace::time::Ticker::new(gorace::time::Duration::from_millis(1));
    let x = Arc::new(AtomicU32::new(0));
    let other = x.clone();
    let task = gorace::thread::spawn(move || other.store(1, SeqCst));
    let _ = ticker.c.recv();
    let _ = x.load(SeqCst);
    ticker.stop();
    task.join().unwrap();
}

const CORPUS: [(&str, fn()); 10] = [
    ("sections", sections),
    ("lost_update", lost_update),
    ("opposite_locks", opposite_locks),
    ("two_bugs", two_bugs),
    ("lost_wakeup", lost_wakeup),
    ("select_leak", select_leak),
    ("readers", readers),
    ("timeout", timeout),
    ("choice", choice),
    ("ticker", ticker),
];

/// Runs a body and counts how often it is entered.
fn counted(checker: Checker, body: fn()) -> (Outcome, u64) {
    let entered = std::sync::Arc::new(plain::AtomicU64::new(0));
    let inside = entered.clone();
    let outcome = checker.run(move || {
        inside.fetch_add(1, plain::Ordering::Relaxed);
        body();
    });
    (outcome, entered.load(plain::Ordering::Relaxed))
}

fn fingerprints(outcome: &Outcome) -> Vec<&str> {
    let mut all: Vec<&str> = outcome.findings.iter().map(|finding| &*finding.fingerprint).collect();
    all.sort_unstable();
    all
}

#[test]
fn pieces_run_what_one_go_runs() {
    for (name, body) in CORPUS {
        let (whole, _) = counted(checker(name), body);
        for k in [1, 2, 3, 5, 8, 100] {
            let path = file(&format!("{name}-{k}"));
            let (mut executions, mut redundant, mut steps, mut runs) = (0, 0, 0, 0);
            let last = loop {
                let (piece, entered) = counted(checker(name).max_executions(k).resume(&path), body);
                assert_eq!(entered, piece.executions + piece.redundant + piece.auxiliary, "{name}, {k}");
                assert!(piece.executions + piece.redundant <= k, "{name}, {k}: {}", piece.summary());
                executions += piece.executions;
                redundant += piece.redundant;
                steps += piece.steps;
                runs += 1;
                if !path.exists() {
                    break piece;
                }
                assert_ne!(piece.verdict, Verdict::Verified, "{name}, {k}");
            };
            let sums = (executions, redundant, steps);
            assert_eq!(sums, (whole.executions, whole.redundant, whole.steps), "{name}, {k}");
            assert_eq!(last.verdict, whole.verdict, "{name}, {k}: {}", last.report());
            assert_eq!(last.limits, whole.limits, "{name}, {k}");
            assert_eq!(fingerprints(&last), fingerprints(&whole), "{name}, {k}");
            if whole.verdict == Verdict::Verified {
                let over =
                    if runs > 1 { format!("verified over {runs} runs:") } else { "verified:".to_owned() };
                assert_eq!(last.summary(), whole.summary().replacen("verified:", &over, 1));
            }
        }
    }
}

#[test]
fn random_schedules_go_on_at_the_next_index() {
    let random = || Checker::new().name("random").strategy(Strategy::Random).seed(3).keep_going(true);
    let (whole, _) = counted(random().max_executions(60), lost_update);
    let path = file("random");
    let mut failing = 0;
    for _ in 0..6 {
        let (piece, _) = counted(random().max_executions(10).resume(&path), lost_update);
        assert_eq!(piece.executions, 10);
        failing += piece.findings.iter().map(|finding| finding.failing).sum::<u64>();
    }
    assert_eq!(failing, whole.findings.iter().map(|finding| finding.failing).sum::<u64>());
    let _ = std::fs::remove_file(path);
}

/// What a body panics with.
#[track_caller]
fn said(body: impl FnOnce()) -> String {
    let why = std::panic::catch_unwind(std::panic::AssertUnwindSafe(body)).expect_err("refused");
    why.downcast_ref::<String>().expect("a message").clone()
}

/// Leaves a file, and what the next check says of what `change` makes of it.
#[track_caller]
fn refused(name: &str, change: impl FnOnce(&Path), next: impl FnOnce(Checker) -> Outcome) -> String {
    let path = file(name);
    checker(name).max_executions(2).resume(&path).run(readers);
    change(&path);
    let outcome = next(checker(name).resume(&path));
    assert_eq!((outcome.verdict, outcome.executions), (Verdict::Failed, 0), "{}", outcome.summary());
    let why = said(|| outcome.assert_clean());
    assert!(path.exists(), "what was left is kept");
    let _ = std::fs::remove_file(&path);
    why.replace(&path.display().to_string(), "FILE")
}

#[test]
fn files_that_do_not_fit_are_refused() {
    let why = refused("of another", |_| {}, |checker| checker.name("other").run(readers));
    assert_eq!(
        why,
        "cannot go on from the resume file FILE: it belongs to `of another`; remove it to begin anew"
    );
    let why = refused("settings", |_| {}, |checker| checker.max_preemptions(2).run(readers));
    assert_eq!(
        why,
        "cannot go on from the resume file FILE: it was left by a run with max_preemptions = none, and this one has 2; remove it to begin anew"
    );
    for other in [8, 10] {
        let of_another = |path: &Path| {
            let text = std::fs::read_to_string(path).unwrap();
            std::fs::write(path, text.replacen("gorace-resume 9", &format!("gorace-resume {other}"), 1))
                .unwrap();
        };
        let why = refused("version", of_another, |checker| checker.run(readers));
        assert_eq!(
            why,
            format!(
                "cannot go on from the resume file FILE: expected version 9, got version {other}: go on with the gorace that wrote it; remove it to begin anew"
            )
        );
    }
    let text = |path: &Path| std::fs::write(path, "a letter\n").unwrap();
    let why = refused("letter", text, |checker| checker.run(readers));
    assert_eq!(
        why,
        "cannot go on from the resume file FILE: expected a file that begins with `gorace-resume`: name another one"
    );
}

/// A search draws nothing, so that any seed goes on with it; random schedules are others with another seed.
#[test]
fn only_what_is_random_depends_on_the_seed() {
    let path = file("seeds");
    let piece = |seed| checker("seeds").seed(seed).max_executions(10).resume(&path).run(readers);
    let words: Vec<String> = [7, 8].map(|seed| piece(seed).summary()).to_vec();
    // 2^4 orders of a write and four reads.
    assert_eq!(words, ["tested: 10 schedules (dpor)", "verified over 2 runs: all 16 interleavings"]);
    assert!(!path.exists());
    for strategy in [Strategy::Random, Strategy::Portfolio, Strategy::Pos, Strategy::Pct { depth: 3 }] {
        let piece = |seed| {
            let checker = Checker::new().name("seeds").strategy(strategy.clone()).seed(seed);
            checker.max_executions(10).resume(&path).run(readers)
        };
        assert_eq!(piece(7).executions, 10);
        let why = said(|| piece(8).assert_clean());
        assert!(why.contains("it was left by a run with seed = 7, and this one has 8"), "{why}");
        std::fs::remove_file(&path).unwrap();
    }
}

/// Deadlocks in the first of its two executions alone.
fn stuck_at_first() {
    let x = Arc::new(AtomicU32::new(0));
    let other = x.clone();
    let task = gorace::thread::spawn(move || other.store(1, SeqCst));
    let seen = x.load(SeqCst);
    task.join().unwrap();
    if seen == 0 {
        Chan::<u8>::new(0).recv();
    }
}

/// The executions in which an earlier piece met what it allowed are not run again.
#[test]
fn a_piece_that_allows_something_else_is_refused() {
    let path = file("allowed");
    let piece = || checker("allowed").resume(&path);
    let first = piece().allow(&["leak", "deadlock"]).max_executions(1).run(stuck_at_first);
    assert_eq!((first.verdict, first.findings.len()), (Verdict::Tested, 0), "{}", first.report());
    let outcome = piece().run(stuck_at_first);
    assert_eq!((outcome.verdict, outcome.executions), (Verdict::Failed, 0), "{}", outcome.summary());
    let why = said(|| outcome.assert_clean());
    assert!(why.contains("left by a run with allow = GR0002,GR0003, and this one has none"), "{why}");
    // In whatever order they are named, and how often.
    let again = piece().allow(&["GR0003"]).allow(&["deadlock", "leak"]).run(stuck_at_first);
    assert_eq!((again.verdict, again.findings.len()), (Verdict::Verified, 0), "{}", again.report());
    assert!(!path.exists());
}

#[test]
fn a_cut_or_changed_file_is_refused() {
    let path = file("cut");
    checker("cut").max_executions(2).resume(&path).run(readers);
    let whole = std::fs::read(&path).unwrap();
    for end in (0..whole.len()).step_by(7) {
        std::fs::write(&path, &whole[..end]).unwrap();
        let outcome = checker("cut").resume(&path).run(readers);
        assert_eq!((outcome.verdict, outcome.executions), (Verdict::Failed, 0), "cut at {end}");
    }
    for at in (16..whole.len()).step_by(11) {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        std::fs::write(&path, changed).unwrap();
        let outcome = checker("cut").resume(&path).run(readers);
        assert_eq!((outcome.verdict, outcome.executions), (Verdict::Failed, 0), "changed at {at}");
    }
    std::fs::write(&path, whole).unwrap();
    assert_eq!(checker("cut").resume(&path).run(readers).verdict, Verdict::Verified);
}

#[test]
fn a_place_that_cannot_be_written_is_said_at_once() {
    let folder = std::env::temp_dir();
    let outcome = checker("folder").resume(&folder).run(readers);
    assert_eq!((outcome.verdict, outcome.executions), (Verdict::Failed, 0));
    let below_a_file = file("below");
    std::fs::write(&below_a_file, "").unwrap();
    let outcome = checker("below").resume(below_a_file.join("x")).run(readers);
    assert_eq!((outcome.verdict, outcome.executions), (Verdict::Failed, 0));
    std::fs::remove_file(below_a_file).unwrap();
}

/// A folder that is there, and in which nobody can make a file, root either: nothing is run in vain.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_takes_no_file_is_said_at_once() {
    let outcome = checker("proc").max_executions(2).resume("/proc/self/x.resume").run(readers);
    assert_eq!((outcome.verdict, outcome.executions, outcome.auxiliary), (Verdict::Failed, 0, 0));
    let why = said(|| outcome.assert_clean());
    assert!(why.starts_with("cannot go on from the resume file /proc/self/x.resume: it cannot be"), "{why}");
}

#[test]
fn the_place_is_tried_and_left_as_it_was() {
    let folder = file("tried");
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let (here, inside) = (folder.clone(), seen.clone());
    let outcome = checker("tried").resume(folder.join("x")).run(move || {
        inside.lock().unwrap().push(std::fs::read_dir(&here).expect("made before").count());
        sections();
    });
    assert_eq!(outcome.verdict, Verdict::Verified);
    assert!(seen.lock().unwrap().iter().all(|files| *files == 0), "{seen:?}");
    std::fs::remove_dir(folder).expect("empty");
}

/// What was found is told, though what is left to do cannot be kept.
#[test]
fn findings_are_shown_where_the_file_cannot_be_left() {
    let folder = file("vanishes");
    let here = folder.clone();
    let outcome = checker("vanishes").max_executions(2).resume(folder.join("x")).run(move || {
        let _ = std::fs::remove_dir_all(&here);
        readers();
        panic!("in each of them");
    });
    assert_eq!((outcome.verdict, outcome.findings.len()), (Verdict::Failed, 1), "{}", outcome.summary());
    let cannot = format!("cannot leave the resume file {}: ", folder.join("x").display());
    for why in [said(|| outcome.assert_clean()), said(|| _ = outcome.expect("panic"))] {
        assert!(why.starts_with(&outcome.report()) && why.contains("in each of them"), "{why}");
        assert!(why.contains(&cannot), "{why}");
    }
    // Nothing was found: that is all there is to say.
    let here = folder.clone();
    let outcome = checker("vanishes").max_executions(2).resume(folder.join("x")).run(move || {
        let _ = std::fs::remove_dir_all(&here);
        readers();
    });
    assert!(said(|| outcome.assert_clean()).starts_with(&cannot));
}

/// Two runs go on from one file at once: what the one has left the other does not write over.
#[test]
fn what_another_run_has_left_meanwhile_is_kept() {
    let path = file("twice");
    let piece = |n| checker("twice").max_executions(n).resume(&path);
    for begun in [false, true] {
        let _ = std::fs::remove_file(&path);
        if begun {
            piece(2).run(readers);
        }
        // This one looks at the file first, and comes to its end last.
        let other = std::sync::Arc::new(std::sync::OnceLock::new());
        let (inside, there) = (other.clone(), path.clone());
        let outcome = piece(3).run(move || {
            inside.get_or_init(|| {
                let other = || checker("twice").max_executions(5).resume(&there).run(readers).executions;
                let ran = std::thread::scope(|scope| scope.spawn(other).join()).expect("runs");
                (ran, std::fs::read_to_string(&there).expect("left"))
            });
            readers();
        });
        let (ran, left) = other.get().expect("the other ran");
        assert_eq!((outcome.executions, *ran), (3, 5));
        assert!(std::fs::read_to_string(&path).unwrap() == *left);
        let why = said(|| outcome.assert_clean());
        let words = format!(
            "cannot leave the resume file {}: somebody else has changed it meanwhile; one run at a time can go on from it",
            path.display()
        );
        assert_eq!(why, words);
    }
    assert_eq!(piece(100).run(readers).verdict, Verdict::Verified);
}

/// Everything was run, so that nothing is left to do whatever another run has left: but its file is its own.
#[test]
fn a_search_that_is_over_removes_no_other_runs_file() {
    let path = file("over");
    let there = path.clone();
    let outcome = checker("over").resume(&path).run(move || {
        std::fs::write(&there, "of another").unwrap();
        sections();
    });
    assert_eq!((outcome.verdict, outcome.executions), (Verdict::Verified, 6));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "of another");
    std::fs::remove_file(path).unwrap();
}

/// What changes a program for this test: it is neither gorace's nor a schedule's.
static CHANGED: plain::AtomicBool = plain::AtomicBool::new(false);

fn changing() {
    let x = Arc::new(AtomicU32::new(0));
    let other = x.clone();
    let task = gorace::thread::spawn(move || other.store(1, SeqCst));
    // Main comes first unless it is preempted.
    let seen = [(); 3].map(|()| x.load(SeqCst));
    if seen[2] == 1 && CHANGED.load(plain::Ordering::Relaxed) {
        x.store(2, SeqCst);
    }
    task.join().unwrap();
}

#[test]
fn a_program_that_changed_is_refused() {
    let why = refused(
        "changed",
        |_| {},
        |checker| {
            checker.run(|| {
                readers();
                readers();
            })
        },
    );
    assert_eq!(
        why,
        "cannot go on from the resume file FILE: the program has changed since: its first schedule does something else; remove it to begin anew"
    );
    // The first schedule is as it was, and a later one is not.
    let path = file("later");
    let piece = |n| checker("later").max_executions(n).resume(&path).run(changing);
    assert_eq!(piece(1_000).executions, 4, "the store is before, between or after main's three loads");
    for k in 2..4 {
        CHANGED.store(false, plain::Ordering::Relaxed);
        piece(k);
        CHANGED.store(true, plain::Ordering::Relaxed);
        let outcome = piece(1_000);
        let why = said(|| outcome.assert_clean());
        assert!(
            why.contains("has changed since: the schedule that was run last does something else"),
            "{why}"
        );
        std::fs::remove_file(&path).unwrap();
    }
}
