//! What a program itself prints: once by itself, once under `gorace run`, and each time with `--show-output`.

use gorace_tests::{Crate, run};

#[test]
fn the_output_of_one_execution_is_shown_unless_all_is_asked_for() {
    let prints = Crate::new("prints");
    prints.write(
        "src/main.rs",
        r#"
        use gorace::sync::{Arc, Mutex};

        #[gorace::main]
        fn main() {
            let last = Arc::new(Mutex::new("nobody"));
            let theirs = last.clone();
            let other = gorace::go!({ *theirs.lock().unwrap() = "other" });
            *last.lock().unwrap() = "main";
            other.join().unwrap();
            println!("last: {}", last.lock().unwrap());
        }
        "#,
    );
    let lines = |text: &str| text.lines().filter(|line| line.starts_with("last: ")).count();
    let alone = run(&mut prints.cargo(&["run", "--quiet"]));
    assert_eq!((alone.code, lines(&alone.stdout)), (Some(0), 1), "{alone:?}");
    let explored = run(&mut prints.gorace(&["run"]));
    assert_eq!((explored.code, lines(&explored.stdout)), (Some(0), 1), "{explored:?}");
    assert!(explored.stdout.contains("verified: all 2 interleavings"), "{}", explored.stdout);
    // Two orders of the two locks.
    let all = run(&mut prints.gorace(&["run", "--show-output"]));
    assert_eq!(all.code, Some(0), "{all:?}");
    assert!(all.stdout.contains("last: main") && all.stdout.contains("last: other"), "{}", all.stdout);
}

/// What a pass is worth: by `cargo test` for whoever asks for output, by `gorace test` once, whoever asks for what.
#[test]
fn the_verdict_of_a_test_that_passes() {
    let tested = Crate::new("verdicts");
    // 3! orders of three additions.
    let body = "use gorace::sync::{Arc, atomic::{AtomicU32, Ordering::SeqCst}};\n    let n = Arc::new(AtomicU32::new(0));\n    \
        let tasks = [(); 3].map(|()| n.clone()).map(|n| gorace::go!({ _ = n.fetch_add(1, SeqCst); }));\n    \
        tasks.map(|task| task.join().unwrap());\n";
    tested.write(
        "src/lib.rs",
        &format!("#[gorace::checked_test]\nfn checked() {{\n    {body}}}\n#[test]\nfn plain() {{\n    gorace::check(|| {{ {body} }});\n}}\n"),
    );
    let words = |title: &str| format!("{title}: verified: all 6 interleavings");
    let count = |text: &str, title: &str| text.matches(&words(title)).count();
    for (args, times) in [(&["--show-output"][..], 1), (&["--nocapture"], 1), (&[], 0)] {
        let ran = run(&mut tested.cargo(&[&["test", "--lib", "--"], args].concat()));
        assert_eq!(ran.code, Some(0), "{ran:?}");
        for title in ["gorace: checked", "gorace: plain"] {
            assert_eq!(count(&ran.stdout, title), times, "{args:?}: {ran:?}");
        }
        let ran = run(&mut tested.gorace(&[&["test", "--lib", "--"], args].concat()));
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert_eq!((count(&ran.stdout, "checked"), count(&ran.stdout, "plain")), (1, 1), "{args:?}: {ran:?}");
    }
}
