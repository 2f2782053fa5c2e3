//! A user's program with the feature `goroutines`: the same source, its goroutines on a few threads, its locks and
//! channels such that nothing keeps an OS thread.

use gorace_tests::{Crate, run};

/// Builds the program with these features and runs it with each number of workers; gives nothing back but on
/// failure.
fn prints(name: &str, source: &str, features: &str, expected: &str) {
    let program = program(name, source);
    for workers in ["1", "2", "8"] {
        let mut command = program.cargo(&["run", "--quiet", "--features", features]);
        let ran = run(command.env("GOMAXPROCS", workers));
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), expected), "{workers} workers: {}", ran.stderr);
    }
}

fn program(name: &str, source: &str) -> Crate {
    let program = Crate::new(name);
    let manifest =
        std::fs::read_to_string(program.path().join("Cargo.toml")).expect("the manifest was written");
    let (before, _) = manifest.split_once("[dev-dependencies]").expect("the three lines of set-up");
    program.write("Cargo.toml", &format!("{before}\n[workspace]\n"));
    program.write("src/main.rs", source);
    program
}

/// "Were `Mutex` std's here, a guard held across a channel operation would deadlock its OS thread": one goroutine holds
/// the guard and waits for a value; the one that gives it wants the lock first, on the same thread if there is one
/// worker. Neither may keep it.
const GUARD: &str = r#"
    use gorace::sync::{Arc, Condvar, Mutex, RwLock, Barrier, OnceLock};
    use gorace::cell::Shared;

    #[gorace::main]
    fn main() {
        let lock = Arc::new(Mutex::new(0));
        let (tx, rx) = gorace::chan(0);
        let mut guard = lock.lock().unwrap();
        let theirs = lock.clone();
        let waits = gorace::go!({ *theirs.lock().unwrap() += 1; });
        let gives = gorace::go!({ tx.send(7) });
        *guard = rx.recv().unwrap();
        drop(guard);
        waits.join().unwrap();
        gives.join().unwrap();
        println!("{}", lock.lock().unwrap());

        let rw = Arc::new(RwLock::new(1));
        let cell = Arc::new(Shared::new(1));
        let once = Arc::new(OnceLock::new());
        let pair = Arc::new((Mutex::new(false), Condvar::new()));
        let barrier = Arc::new(Barrier::new(4));
        let (go_on, goes_on) = gorace::chan::<()>(0);
        let all: Vec<_> = (0..3).map(|n| {
            let (rw, cell, once, pair, barrier) = (rw.clone(), cell.clone(), once.clone(), pair.clone(), barrier.clone());
            let goes_on = goes_on.clone();
            gorace::go!({
                *rw.write().unwrap() += { goes_on.recv(); 1 };
                cell.with_mut(|cell| { gorace::runtime::gosched(); *cell += 1; });
                let one = *once.get_or_init(|| { gorace::runtime::gosched(); 1 });
                barrier.wait();
                let mut open = pair.0.lock().unwrap();
                while !*open {
                    open = pair.1.wait(open).unwrap();
                }
                n * one
            })
        }).collect();
        go_on.close();
        barrier.wait();
        *pair.0.lock().unwrap() = true;
        pair.1.notify_all();
        let sum: i32 = all.into_iter().map(|one| one.join().unwrap()).sum();
        println!("{} {} {sum}", rw.read().unwrap(), cell.get());
    }
"#;

#[test]
fn a_guard_held_across_a_channel_operation_keeps_no_thread() {
    prints("guard", GUARD, "gorace/goroutines", "8\n4 4 3\n");
}

#[test]
fn it_is_the_same_with_check_outside_of_executions() {
    prints("guard_checked", GUARD, "gorace/goroutines,gorace/check", "8\n4 4 3\n");
}

/// What Go prints, and that it ends with 2.
#[test]
fn a_deadlock_and_a_panic_end_the_process_in_gos_words() {
    let source = r#"
        #[gorace::main]
        fn main() {
            let (tx, rx) = gorace::chan::<u8>(0);
            if std::env::args().nth(1).is_some() {
                gorace::go!("worker", { panic!("on purpose") });
                rx.recv();
            }
            let theirs = tx.clone();
            gorace::go!("stuck", { theirs.send(1); theirs.send(2); });
            println!("{:?}", rx.recv());
            let (_nobody, never) = gorace::chan::<()>(0);
            never.recv();
        }
    "#;
    let program = program("ends", source);
    let dead = run(&mut program.cargo(&["run", "--quiet", "--features", "gorace/goroutines"]));
    assert_eq!((dead.code, dead.stdout.as_str()), (Some(2), "Some(1)\n"), "{}", dead.stderr);
    assert!(
        dead.stderr.starts_with("fatal error: all goroutines are asleep - deadlock!\n"),
        "{}",
        dead.stderr
    );
    for words in [
        "goroutine 1 [chan receive]:\nmain\n\tsrc/main.rs:13:19\n\n",
        " [chan send]:\nstuck\n\tsrc/main.rs:10:59\ncreated at\n\tsrc/main.rs:10:13\n",
        "exit status 2\n",
    ] {
        assert!(dead.stderr.contains(words), "{words}\n{}", dead.stderr);
    }
    let panicked =
        run(&mut program.cargo(&["run", "--quiet", "--features", "gorace/goroutines", "--", "panic"]));
    assert_eq!(panicked.code, Some(2), "{}", panicked.stderr);
    assert!(panicked.stderr.contains("panic: on purpose\n\nworker [running]:"), "{}", panicked.stderr);
}

/// Inside an execution the check wins: a test explores what the program runs, and sockets are refused.
#[test]
fn check_wins_inside_executions() {
    let source = r#"
        fn main() {
            let outcome = gorace::Checker::new().run(|| {
                let lock = gorace::sync::Arc::new(gorace::sync::Mutex::new(0));
                let theirs = lock.clone();
                let other = gorace::go!({ *theirs.lock().unwrap() += 1; });
                *lock.lock().unwrap() += 1;
                other.join().unwrap();
            });
            println!("{}", outcome.executions);
            let outcome = gorace::Checker::new().run(|| {
                let other = gorace::go!({ gorace::net::TcpListener::bind("127.0.0.1:0").is_ok() });
                other.join().unwrap();
            });
            let words = outcome.findings.iter().any(|finding| finding.title.contains("gorace::net cannot take part"));
            println!("{words}");
        }
    "#;
    // Two orders of two locks.
    prints("check_wins", source, "gorace/goroutines,gorace/check", "2\ntrue\n");
}
