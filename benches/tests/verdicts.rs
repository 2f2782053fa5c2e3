//! Twenty-five programs under gorace, loom and shuttle: what each says, and what theory says.
//!
//! The table of docs/COMPARISON.md is what these tests compute; a change of any tool's answer turns them red.
#![allow(missing_docs, reason = "a test, not a library")]

use gorace_benches::verdict::{Answer, Says};
use std::fmt::Write as _;
use std::process::Command;

/// What is true of a program, by the rules of C++20's memory model, which is Rust's.
struct Theory {
    name: &'static str,
    says: Says,
    /// The number of inequivalent sequentially consistent interleavings, where it is known independently.
    interleavings: Option<u64>,
}

/// The counts. Two threads with one section or one store each: 2 orders. Forks in a ring of `n`: two orders
/// for each, but not the one cycle in which everybody had taken his second fork before his neighbour took it
/// as his first: 2^n - 1, of which AB-BA is the ring of 2. Store buffering, load buffering and the lost wake-up
/// have 3, by hand. Two threads that load and store: (2!)^2. Check-then-act: one thread runs before the other (2),
/// or both look first, in 2 orders, and then withdraw, in 2 orders (4). Each of two readers before or after the
/// writer: 2^2. A store, an update and a load of one variable: 3!. Independent reads of independent writes: 2^4
/// orders, but not the one cycle.
const THEORY: [Theory; 25] = [
    Theory { name: "counter", says: Says::Clean, interleavings: Some(2) },
    Theory { name: "ab_ba", says: Says::Deadlock, interleavings: Some(3) },
    Theory { name: "dining", says: Says::Deadlock, interleavings: Some(7) },
    Theory { name: "lost_wakeup", says: Says::Deadlock, interleavings: Some(3) },
    Theory { name: "leak", says: Says::Leak, interleavings: Some(2) },
    Theory { name: "check_then_act", says: Says::Assertion, interleavings: Some(6) },
    Theory { name: "rwlock_readers", says: Says::Clean, interleavings: Some(4) },
    Theory { name: "rwlock_upgrade", says: Says::Deadlock, interleavings: None },
    Theory { name: "mpsc_order", says: Says::Clean, interleavings: Some(2) },
    Theory { name: "mpsc_never_ends", says: Says::Deadlock, interleavings: Some(1) },
    Theory { name: "two_gifts", says: Says::Deadlock, interleavings: None },
    Theory { name: "notify_one_for_two", says: Says::Deadlock, interleavings: None },
    Theory { name: "notify_all_for_two", says: Says::Clean, interleavings: None },
    Theory { name: "lost_update", says: Says::Assertion, interleavings: Some(4) },
    Theory { name: "racy_flag", says: Says::Race, interleavings: None },
    Theory { name: "message_passing", says: Says::Clean, interleavings: Some(2) },
    Theory { name: "relaxed_publication", says: Says::Race, interleavings: None },
    Theory { name: "store_buffering_seq_cst", says: Says::Clean, interleavings: Some(3) },
    Theory { name: "store_buffering_relaxed", says: Says::Assertion, interleavings: Some(3) },
    Theory { name: "fence_publication", says: Says::Clean, interleavings: Some(2) },
    Theory { name: "missing_fence", says: Says::Race, interleavings: None },
    Theory { name: "release_sequence", says: Says::Clean, interleavings: Some(6) },
    Theory { name: "broken_release_sequence", says: Says::Race, interleavings: None },
    Theory { name: "load_buffering_relaxed", says: Says::Assertion, interleavings: Some(3) },
    Theory { name: "iriw_seq_cst", says: Says::Clean, interleavings: Some(15) },
];

#[test]
fn gorace_agrees_with_theory_or_names_its_limit() {
    for Theory { name, says, interleavings } in THEORY {
        let answer = ask("gorace", name);
        if ["store_buffering_relaxed", "load_buffering_relaxed"].contains(&name) {
            // Only the values of weak orders tell them from the versions with SeqCst.
            assert_eq!((answer.says, answer.limited), (Says::Clean, true));
        } else {
            assert_eq!(answer.says, says, "{name}");
        }
        if interleavings.is_some() {
            assert_eq!(answer.executions, interleavings, "{name}");
        }
    }
}

#[test]
fn the_page_shows_what_the_tools_say() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/COMPARISON.md"))
        .expect("docs/COMPARISON.md");
    let table = table();
    assert!(page.contains(&table), "docs/COMPARISON.md is to contain this table:\n\n{table}");
}

fn table() -> String {
    let mut table = String::from("| program | theory | gorace | loom | shuttle |\n|---|---|---|---|---|\n");
    for Theory { name, says, .. } in THEORY {
        let cell = |tool| {
            let answer = ask(tool, name);
            if answer.says == says { answer.to_string() } else { format!("**{answer}**") }
        };
        let (gorace, loom, shuttle) = (cell("gorace"), cell("loom"), cell("shuttle"));
        let _ = writeln!(table, "| `{name}` | {says} | {gorace} | {loom} | {shuttle} |");
    }
    table
}

/// Asks in a process of its own: a failure may abort it.
fn ask(tool: &str, program: &str) -> Answer {
    let output = Command::new(env!("CARGO_BIN_EXE_verdict"))
        .args([tool, program])
        .env("RUST_BACKTRACE", "0")
        .env("GORACE_OUT_DIR", env!("CARGO_TARGET_TMPDIR"))
        .output()
        .expect("the binary `verdict` starts");
    Answer::read(&String::from_utf8_lossy(&output.stdout), &String::from_utf8_lossy(&output.stderr))
}
