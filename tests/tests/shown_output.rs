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
