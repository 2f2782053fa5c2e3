//! What ends the process, or belongs to the whole of it, seen from another one: the test runs itself again as a child that does it.
#![cfg(all(feature = "check", unix))]

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Output};

const CHILD: &str = "GORACE_TESTS_CHILD";

/// Runs `body` in a process of its own, in the test `name`, and gives what that came to.
fn in_a_child(name: &str, body: fn()) -> Option<Output> {
    if std::env::var_os(CHILD).is_some() {
        body();
        return None;
    }
    let this = std::env::current_exe().expect("a test knows its executable");
    let child = Command::new(this).args(["--exact", name, "--nocapture"]).env(CHILD, "1").output();
    Some(child.expect("the test can be run again"))
}

/// "Outside an execution ... a panic in a `go!` task prints Go's words and exits 2": `panic: ..` and `exit status 2`,
/// as `go run` does.
#[test]
fn a_goroutines_panic_outside_prints_gos_words_and_exits_2() {
    let child = in_a_child("a_goroutines_panic_outside_prints_gos_words_and_exits_2", || {
        let _ = gorace::go!("worker", { panic!("on purpose") }).join();
        unreachable!("the process has ended");
    });
    let Some(Output { status, stderr, .. }) = child else { return };
    let stderr = String::from_utf8_lossy(&stderr);
    assert_eq!(status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("panic: on purpose\n\nworker [running]:"), "{stderr}");
    assert!(stderr.ends_with("exit status 2\n"), "{stderr}");
}

/// A thread's panic is given to `join`, and ends nothing.
#[test]
fn a_threads_panic_outside_is_given_to_join() {
    let panicked = gorace::thread::spawn(|| panic!("on purpose")).join();
    assert_eq!(panicked.unwrap_err().downcast_ref::<&str>(), Some(&"on purpose"));
}

/// "A panic in a destructor during teardown aborts (Rust's rule): the hook first names destructor and task."
#[test]
fn a_panic_in_a_destructor_of_teardown_aborts_and_is_named() {
    struct Bad;
    impl Drop for Bad {
        fn drop(&mut self) {
            panic!("in a destructor");
        }
    }
    let child = in_a_child("a_panic_in_a_destructor_of_teardown_aborts_and_is_named", || {
        gorace::Checker::new().run(|| {
            let (tx, rx) = gorace::chan::<u8>(0);
            gorace::go!("stuck", {
                let _bad = Bad;
                rx.recv()
            });
            drop(tx);
        });
    });
    let Some(Output { status, stderr, .. }) = child else { return };
    let stderr = String::from_utf8_lossy(&stderr);
    assert_eq!(status.signal(), Some(6), "SIGABRT, not {status}: {stderr}");
    let named = stderr.lines().find(|line| line.starts_with("gorace: a destructor of task `stuck`"));
    assert!(named.is_some_and(|line| line.contains("ends_the_process.rs")), "{stderr}");
}

/// The same of a panic on the way out of another one: std says both before it aborts.
#[test]
fn a_panic_in_a_destructor_of_an_unwinding_is_named_with_the_one_before_it() {
    struct Bad;
    impl Drop for Bad {
        fn drop(&mut self) {
            panic!("in a destructor");
        }
    }
    let child = in_a_child("a_panic_in_a_destructor_of_an_unwinding_is_named_with_the_one_before_it", || {
        gorace::Checker::new().run(|| {
            drop(gorace::sync::Mutex::new(0).lock());
            let _bad = Bad;
            panic!("the first one");
        });
    });
    let Some(Output { status, stderr, .. }) = child else { return };
    let stderr = String::from_utf8_lossy(&stderr);
    assert_eq!(status.signal(), Some(6), "SIGABRT, not {status}: {stderr}");
    assert!(
        stderr.contains("gorace: a destructor of task `main`") && stderr.contains("in a destructor"),
        "{stderr}"
    );
    assert!(stderr.contains("gorace: it unwound from its panic `the first one`"), "{stderr}");
}

/// "one hook, installed once: on a thread inside an execution it records place and text and prints nothing, elsewhere
/// it calls the previous hook."
#[test]
fn the_hook_is_silent_inside_an_execution_only() {
    let child = in_a_child("the_hook_is_silent_inside_an_execution_only", || {
        std::panic::set_hook(Box::new(|info| eprintln!("previous hook: {info}")));
        let outcome = gorace::Checker::new().run(|| {
            drop(gorace::sync::Mutex::new(0).lock());
            gorace::go!({ panic!("of a task") });
        });
        outcome.expect("panic");
        assert!(std::thread::spawn(|| panic!("of a thread")).join().is_err());
    });
    let Some(Output { status, stderr, .. }) = child else { return };
    let stderr = String::from_utf8_lossy(&stderr);
    assert!(status.success(), "{stderr}");
    assert_eq!(stderr.matches("previous hook: ").count(), 1, "{stderr}");
    assert!(stderr.contains("of a thread") && !stderr.contains("of a task"), "{stderr}");
}
