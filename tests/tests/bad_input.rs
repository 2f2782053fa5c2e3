//! Bad input at the command line: a clear error, the right exit code, nothing hangs.

use gorace_tests::{Crate, Ran, gorace, run};

/// A crate with one binary, run under `gorace run`.
fn run_program(name: &str, source: &str) -> Ran {
    let program = Crate::new(name);
    program.write("src/main.rs", source);
    run(program.gorace(&["run", "--no-times"]).env("GORACE_STALL", "1s"))
}

#[test]
fn a_std_lock_held_across_a_scheduling_point_is_a_stall() {
    let ran = run_program(
        "std_lock",
        "static L: std::sync::Mutex<u32> = std::sync::Mutex::new(0);\n\
         #[gorace::main]\n\
         fn main() {\n    \
             let task = gorace::go!(\"holder\", { let guard = L.lock().unwrap(); gorace::thread::yield_now(); drop(guard) });\n    \
             let guard = L.lock().unwrap();\n    gorace::thread::yield_now();\n    drop(guard);\n    task.join().unwrap();\n}\n",
    );
    assert_eq!(ran.code, Some(66), "{ran:?}");
    assert!(ran.stdout.contains("error[GR0009]: `std_lock` stalled"), "{}", ran.stdout);
    assert!(ran.stdout.contains("backtrace of the stalled task"), "{}", ran.stdout);
}

#[test]
fn a_spin_that_nothing_ends_is_a_livelock() {
    let ran = run_program(
        "spins",
        "use gorace::sync::{Arc, atomic::{AtomicBool, Ordering::SeqCst}};\n\
         #[gorace::main]\n\
         fn main() {\n    let flag = Arc::new(AtomicBool::new(false));\n    let seen = flag.clone();\n    \
             let task = gorace::go!({ while !seen.load(SeqCst) {} });\n    \
             while !flag.load(SeqCst) { gorace::thread::yield_now(); }\n    task.join().unwrap();\n}\n",
    );
    assert_eq!(ran.code, Some(66), "{ran:?}");
    assert!(ran.stdout.contains("error[GR0006]"), "{}", ran.stdout);
}

#[test]
fn a_program_without_the_attribute_is_no_silent_pass() {
    let ran = run_program("plain", "fn main() {}\n");
    assert_eq!(ran.code, Some(4), "{ran:?}");
    assert!(ran.stderr.contains("explored nothing"), "{}", ran.stderr);
}

#[test]
fn a_program_that_does_not_build_ends_with_cargos_error() {
    let ran = run_program("broken", "fn main() { let _x: u32 = \"no\"; }\n");
    assert_eq!(ran.code, Some(101), "{ran:?}");
    assert!(ran.stderr.contains("error[E0308]"), "{}", ran.stderr);
}

#[test]
fn a_name_that_is_nearly_right_is_suggested() {
    let ran = run(gorace().args(["run", "-p", "gorace-fixtures", "--example", "bank_tranfer"]));
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("did you mean `bank_transfer`?"), "{}", ran.stderr);
}

#[test]
fn an_invalid_variable_is_named() {
    let ran = run(gorace().args(["run", "--example", "bank_transfer"]).env("GORACE_SEED", "x"));
    assert_eq!(ran.code, Some(78), "{ran:?}");
    assert!(ran.stderr.contains("invalid GORACE_SEED") && ran.stderr.contains("got `x`"), "{}", ran.stderr);
}

#[test]
fn damaged_tokens_and_files_are_errors() {
    let token = run(gorace().args(["replay", "v1.abc"]));
    assert_eq!(token.code, Some(2), "{token:?}");
    assert!(token.stderr.contains("damaged"), "{}", token.stderr);
    let folder = Crate::new("files");
    folder.write("cut.gtrace.json", "{\"schema\":1,\"kind\":\"finding\",\"trace\":{");
    folder.write("newer.gtrace.json", "{\"schema\":999,\"kind\":\"finding\"}");
    let cut = run(&mut folder.gorace(&["show", "cut.gtrace.json"]));
    assert_eq!(cut.code, Some(78), "{cut:?}");
    assert!(cut.stderr.contains("line 1"), "{}", cut.stderr);
    let newer = run(&mut folder.gorace(&["show", "newer.gtrace.json"]));
    assert!(newer.stderr.contains("schema 1 or older, got 999"), "{}", newer.stderr);
}

#[test]
fn a_folder_that_cannot_be_written_is_said_before_anything_runs() {
    let mut command = gorace();
    command.args(["run", "-p", "gorace-fixtures", "--example", "bank_transfer_fixed"]);
    let ran = run(command.env("GORACE_OUT_DIR", "/proc/nowhere"));
    assert_eq!(ran.code, Some(78), "{ran:?}");
    assert!(ran.stderr.contains("cannot write to /proc/nowhere"), "{}", ran.stderr);
}
