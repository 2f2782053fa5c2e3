//! Call stacks of unmodified programs: folded to the user's own calls, and unfolded by `-v`.
#![cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]

use gorace_tests::{Unmodified, run};

/// The part of a report that shows the stacks. Std's frames differ from one toolchain to the next: how many there are one
/// after the other is not told, nor where they are.
fn stacks(report: &str) -> String {
    let begin = report.find(", as Go prints them:").expect("the report has stacks");
    let begin = report[..begin].rfind('\n').expect("it does not begin with them") + 1;
    let end = report[begin..].find("\nwhy ").or(report[begin..].find("\nhelp:")).expect("it ends otherwise");
    let mut told = String::new();
    let mut lines = report[begin..begin + end].lines().peekable();
    while let Some(line) = lines.next() {
        if lines.next_if(|place| place.trim_start().starts_with("/rustc/")).is_some() {
            if !told.ends_with("  (std)\n") {
                told.push_str("  (std)\n");
            }
            continue;
        }
        // Where cargo keeps what it has fetched, is the machine's.
        let fetched = line.split_once("/registry/src/").and_then(|(_, file)| file.split_once('/'));
        let line = fetched.map_or(line.to_owned(), |(_, file)| format!("      {file}"));
        told.push_str(&format!("{line}\n"));
    }
    told
}

#[test]
fn a_deadlock_unfolded() {
    let ran = Unmodified("plain").explore("abba", 100, &["--ascii", "-v"]);
    insta::assert_snapshot!(stacks(&ran.stdout));
    // The function of std's that waits.
    assert_eq!(ran.stdout.matches("std::sys::pal::unix::futex::futex_wait()").count(), 2, "{}", ran.stdout);
    // They are kept with the finding.
    let shown = run(&mut Unmodified("plain").gorace(&["show", "latest", "--ascii", "-v"]));
    assert_eq!(stacks(&shown.stdout), stacks(&ran.stdout));
}

#[test]
fn a_race_in_a_dependency_unfolded() {
    let ran = Unmodified("rustsec").explore("oneshot", 100, &["--ascii", "-v", "--locked"]);
    insta::assert_snapshot!(stacks(&ran.stdout));
}

/// Without `-v` there is the user's own alone, and how much is left out; in Go's form as well.
#[test]
fn folded_there_is_the_users_own() {
    for flags in [&["--message-format", "human"], &["--message-format", "go"]] {
        let folded = Unmodified("plain").explore("race_cell", 20, flags).stdout;
        assert!(folded.contains(" more frames, of std and dependencies (-v shows them)"), "{folded}");
        assert!(!folded.contains("/rustc/"), "{folded}");
        let whole = Unmodified("plain").explore("race_cell", 20, &[flags, &["-v"][..]].concat()).stdout;
        assert!(!whole.contains("-v shows"), "{whole}");
        // Each access, and the start of the thread, lead to the beginning of a thread or of main.
        assert!(whole.matches("/rustc/").count() > 20, "{whole}");
        assert!(whole.contains("std::rt::lang_start()") && whole.contains("::thread_start()"), "{whole}");
    }
}
