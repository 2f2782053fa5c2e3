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
fn a_spin_without_a_scheduling_point_is_a_stall() {
    let ran = run_program(
        "spins_alone",
        "#[gorace::main]\nfn main() {\n    gorace::go!({}).join().unwrap();\n    loop { std::hint::spin_loop(); }\n}\n",
    );
    assert_eq!(ran.code, Some(66), "{ran:?}");
    assert!(ran.stdout.contains("error[GR0009]: `spins_alone` stalled"), "{}", ran.stdout);
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

/// What came is said once, and what to do.
#[test]
fn what_is_no_token_is_said_once() {
    let ran = run(gorace().args(["run", "--example", "bank_transfer"]).env("GORACE_REPLAY", "garbage"));
    assert_eq!(ran.code, Some(78), "{ran:?}");
    let said = "invalid GORACE_REPLAY: expected a schedule token, whole, as a report shows it, got `garbage`";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
    assert_eq!(ran.stderr.matches("got `").count(), 1, "{}", ran.stderr);
    let unknown = run(gorace().args(["replay", "ffffffff"]));
    assert!(unknown.stderr.contains("a schedule token is accepted too"), "{}", unknown.stderr);
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

#[test]
fn a_token_of_another_program_is_one_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let example = |name: &str| {
        let mut command = gorace();
        command.env("GORACE_OUT_DIR", folder.path()).args([
            "run",
            "-p",
            "gorace-fixtures",
            "--example",
            name,
        ]);
        run(command.args(["--message-format", "json"]))
    };
    let found = example("bank_transfer").stdout;
    let (_, token) = found.split_once("\"schedule\":\"").expect("a finding has a schedule");
    let token = token.split('"').next().expect("a token");
    let mut command = gorace();
    command.env("GORACE_OUT_DIR", folder.path()).args(["replay", token, "-p", "gorace-fixtures"]);
    let ran = run(command.args(["--example", "racy_counter"]));
    assert_eq!(ran.code, Some(65), "{ran:?}");
    assert_eq!(ran.stdout, "", "{ran:?}");
    assert_eq!(ran.stderr.matches("belongs to another program than `racy_counter`").count(), 1, "{ran:?}");
}

#[test]
fn a_test_without_a_scheduling_point_is_no_pass() {
    let tested = Crate::new("no_point");
    tested.write("src/lib.rs", "#[gorace::checked_test]\nfn adds() { assert_eq!(1 + 1, 2); }\n");
    let ran = run(&mut tested.gorace(&["test"]));
    assert_eq!(ran.code, Some(4), "{ran:?}");
    assert!(ran.stdout.contains("error[GR0008]"), "{}", ran.stdout);
}

#[test]
fn a_test_that_expects_its_finding_passes() {
    let tested = Crate::new("expects");
    tested.write(
        "src/lib.rs",
        "#[gorace::checked_test(expect = \"deadlock\")]\nfn waits() { gorace::chan::<u8>(0).1.recv(); }\n",
    );
    let ran = run(&mut tested.gorace(&["test"]));
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let last = ran.stdout.lines().last().unwrap_or_default();
    assert!(last.starts_with("gorace: no findings in 1 test"), "{last}");
}

#[test]
fn arguments_reach_the_program_as_they_are() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let program = Crate::new("arguments");
    program.write(
        "src/main.rs",
        "use std::os::unix::ffi::OsStrExt;\n#[gorace::main]\nfn main() {\n    gorace::go!({}).join().unwrap();\n    \
         for arg in std::env::args_os().skip(1) { println!(\"{:?}\", arg.as_bytes()); }\n}\n",
    );
    let mut command = program.gorace(&["run", "--", "two words", "--flag", ""]);
    let ran = run(command.arg(OsStr::from_bytes(b"\xff\xfe")));
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let printed: Vec<&str> = ran.stdout.lines().take(4).collect();
    let expected: Vec<String> =
        [b"two words".as_slice(), b"--flag", b"", b"\xff\xfe"].iter().map(|arg| format!("{arg:?}")).collect();
    assert_eq!(printed, expected, "{ran:?}");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    // Nobody reads the report, but the gate still closes.
    let found = ["run", "-p", "gorace-fixtures", "--example", "racy_counter"];
    for (args, code) in [(&["explain", "--list"][..], 0), (&found, 66)] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let mut command = gorace();
        let child = command.args(args).stdout(writer).stderr(std::process::Stdio::piped()).spawn();
        let ended = child.and_then(|child| child.wait_with_output()).expect("gorace runs");
        let stderr = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(code), "{stderr}");
        assert!(!stderr.contains("panicked") && !stderr.contains("error"), "{stderr}");
    }
}

#[test]
fn every_variable_is_checked() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let tested = Crate::new("variables");
    tested.write("src/lib.rs", "#[gorace::checked_test]\nfn t() { gorace::go!({}).join().unwrap(); }\n");
    let fine = run(&mut tested.cargo(&["test"]));
    assert_eq!(fine.code, Some(0), "{fine:?}");
    for (name, value) in [
        ("GORACE_STRATEGY", "fastest"),
        ("GORACE_SEED", "-1"),
        ("GORACE_MAX_EXECUTIONS", "0"),
        ("GORACE_MAX_PREEMPTIONS", "two"),
        ("GORACE_MAX_STEPS", "1e9"),
        ("GORACE_TIMEOUT", "10 parsecs"),
        ("GORACE_STALL", "0s"),
        ("GORACE_STACK_SIZE", "1"),
        ("GORACE_REPLAY", "v1.AAAA"),
        ("GORACE_KEEP_GOING", "yes"),
        ("GORACE_NO_TIMES", "2"),
        ("GORACE_ASCII", "on"),
        ("GORACE_VERBOSE", "very"),
        ("GORACE_COLOR", "blue"),
    ] {
        // The library's own check, without the CLI before it.
        let ran = run(tested.cargo(&["test"]).env(name, value));
        assert_eq!(ran.code, Some(101), "{name}: {ran:?}");
        let said = format!("invalid {name}: expected ");
        assert!(ran.stdout.contains(&said), "{name}: {}", ran.stdout);
        assert!(ran.stdout.contains(&format!(", got `{value}`")), "{name}: {}", ran.stdout);
    }
    let odd = run(tested.cargo(&["test"]).env("GORACE_SEED", OsStr::from_bytes(b"\xff")));
    assert!(odd.stdout.contains("invalid GORACE_SEED: expected "), "{}", odd.stdout);
}

/// By the command line alone, which says it before anything is built; the tests that it starts say nothing more.
#[test]
fn a_variable_that_is_misspelt_is_told_once() {
    let tested = Crate::new("misspelt");
    tested.write(
        "src/lib.rs",
        "#[gorace::checked_test]\nfn passes() {\n    gorace::go!({}).join().unwrap();\n}\n",
    );
    let mut command = tested.gorace(&["test", "--lib"]);
    let ran = run(command.env("GORACE_MAX_EXECUTION", "3").env("GORACE_TESTS_OWN", "1"));
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let words = "warning: GORACE_MAX_EXECUTION is no variable of gorace's and says nothing: did you mean \
                 `GORACE_MAX_EXECUTIONS`?\n";
    assert!(ran.stderr.starts_with(words), "{ran:?}");
    assert_eq!(ran.stderr.matches("is no variable of gorace's").count(), 1, "{ran:?}");
}

#[test]
fn an_interrupted_run_keeps_what_it_found() {
    let program = Crate::new("interrupted");
    // The finding comes in the first execution; the run would go on for a long time.
    program.write(
        "src/main.rs",
        "use gorace::sync::{Arc, atomic::{AtomicU32, Ordering::SeqCst}};\n\
         #[gorace::main(keep_going = true, max_executions = 100000000, timeout = \"10m\", strategy = \"random\")]\n\
         fn main() {\n    let cell = Arc::new(gorace::cell::Shared::new(0));\n    let other = cell.clone();\n    \
             let count = Arc::new(AtomicU32::new(0));\n    let writer = gorace::go!({ other.set(1); });\n    cell.set(2);\n    \
             for _ in 0..10 { count.fetch_add(1, SeqCst); }\n    writer.join().unwrap();\n}\n",
    );
    let ran = interrupted(&program, "human");
    assert!(ran.stdout.contains("error[GR0001]"), "{}", ran.stdout);
    assert!(ran.stdout.ends_with("gorace: interrupted; 1 finding so far\n"), "{}", ran.stdout);
    // Programs read JSON to the last line, and people standard error.
    for format in ["json", "cargo"] {
        let ran = interrupted(&program, format);
        let parse = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {ran:?}"));
        let lines: Vec<serde_json::Value> = ran.stdout.lines().map(parse).collect();
        let last = lines.last().expect("a last line");
        match format {
            "json" => {
                let kinds: Vec<_> =
                    lines.iter().map(|line| line["type"].as_str().unwrap_or("none")).collect();
                assert_eq!(kinds, ["finding", "summary", "summary"], "{ran:?}");
                assert_eq!((&last["total"], &last["new"]), (&true.into(), &1.into()), "{ran:?}");
            }
            _ => assert_eq!(*last, serde_json::json!({"reason": "build-finished", "success": false})),
        }
        assert!(ran.stderr.ends_with("gorace: interrupted; 1 finding so far\n"), "{ran:?}");
    }
}

/// Interrupts a run that has found something.
fn interrupted(program: &Crate, format: &str) -> Ran {
    let out = program.path().join(format);
    let mut command = program.gorace(&["run", "--message-format", format]);
    command.env("GORACE_OUT_DIR", &out).stdout(std::process::Stdio::piped());
    let mut child = command.stderr(std::process::Stdio::piped()).spawn().expect("gorace starts");
    let found = || {
        let runs = std::fs::read_dir(&out).into_iter().flatten().flatten();
        let files = runs.flat_map(|run| std::fs::read_dir(run.path()).into_iter().flatten().flatten());
        let mut names = files.map(|file| file.file_name().to_string_lossy().into_owned());
        names.any(|name| name.starts_with("result-") && name.ends_with(".json"))
    };
    while !found() {
        assert_eq!(child.try_wait().expect("gorace runs"), None, "it ended by itself");
        std::thread::yield_now();
    }
    let killed = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(killed.expect("kill runs").success());
    let ran: Ran = child.wait_with_output().expect("gorace ends").into();
    assert_eq!(ran.code, Some(130), "{ran:?}");
    ran
}
