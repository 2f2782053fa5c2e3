//! A finding is replayed after its program was edited, and walked through.

use gorace_tests::{Crate, Ran, run};

const BANK: &str = include_str!("../../fixtures/examples/bank_transfer.rs");

fn replay(bank: &Crate, id: &str, flags: &[&str]) -> Ran {
    let replayed = run(&mut bank.gorace(&[&["replay", id, "--no-times"], flags].concat()));
    assert_eq!(replayed.code, Some(66), "{replayed:?}");
    assert!(replayed.stdout.contains("error[GR0002]: deadlock"), "{}", replayed.stdout);
    replayed
}

#[test]
fn edits_do_not_lose_the_schedule() {
    let bank = Crate::new("bank");
    bank.write("src/main.rs", BANK);
    let found = run(&mut bank.gorace(&["run"]));
    let (_, id) = found.stdout.split_once("gorace replay ").expect("the report says how to replay");
    let id = &id[..8];

    let walked = replay(&bank, id, &["--step"]);
    assert!(walked.stdout.contains("replay: exact"), "{}", walked.stdout);
    let step = "step 5 of 7: T2 audit: lock `b` (forced switch)\n    at src/main.rs:19:26\n    let all = self.b.lock().unwrap();\n";
    assert!(walked.stdout.contains(step), "{}", walked.stdout);

    let edits: [(&str, &str, &str, &str); 4] = [
        ("an inserted line", "impl Bank {", "\n// What can be done.\nimpl Bank {", "replay: exact"),
        ("another name", "bank", "vault", "replay: exact"),
        (
            "an unrelated operation",
            "let mut from",
            "gorace::sync::atomic::AtomicU32::new(0).load(gorace::sync::atomic::Ordering::SeqCst);\n        let mut from",
            "replay: resynchronised 1",
        ),
        (
            "an unrelated operation of the same sort",
            "let mut from",
            "drop(gorace::sync::Mutex::new(5_i64).lock());\n        let mut from",
            "replay: resynchronised 1",
        ),
    ];
    let mut text = BANK.to_owned();
    for (edit, from, to, fit) in edits {
        assert!(text.contains(from), "{edit}");
        text = text.replace(from, to);
        bank.write("src/main.rs", &text);
        let replayed = replay(&bank, id, &[]);
        assert!(replayed.stdout.contains(fit), "{edit}: {}", replayed.stdout);
    }

    // The bug is mended: the second lock is not taken where it was.
    let from = "let mut to = self.b.lock().unwrap();\n        *from -= amount;\n        *to += amount;";
    let to = "*from -= amount;\n        drop(from);\n        *self.b.lock().unwrap() += amount;";
    assert!(text.contains(from));
    bank.write("src/main.rs", &text.replace(from, to));
    let mended = run(&mut bank.gorace(&["replay", id]));
    assert_eq!(mended.code, Some(0), "{mended:?}");
    let said = "the program has changed, and what was found does not show any more";
    assert!(mended.stdout.contains(said), "{}", mended.stdout);
    assert!(mended.stdout.contains("replay: resynchronised 1"), "{}", mended.stdout);
}

/// A variable of the failing statement has another name: the same bug by the same schedule, under the name that was
/// asked for.
#[test]
fn a_new_name_in_the_failing_statement_is_no_other_finding() {
    let text = "use gorace::sync::{Arc, atomic::{AtomicUsize, Ordering::SeqCst}};
#[gorace::main]
fn main() {
    let n = Arc::new(AtomicUsize::new(0));
    let of_n = n.clone();
    let add = gorace::go!(\"add\", { let v = of_n.load(SeqCst); of_n.store(v + 1, SeqCst); });
    let v = n.load(SeqCst);
    n.store(v + 1, SeqCst);
    add.join().unwrap();
    assert_eq!(n.load(SeqCst), 2);
}
";
    let count = Crate::new("count");
    count.write("src/main.rs", text);
    let found = run(&mut count.gorace(&["run"]));
    let replay_with = |stdout: &str| {
        let (_, id) = stdout.split_once("gorace replay ").expect("the report says how to replay");
        id[..8].to_owned()
    };
    let id = replay_with(&found.stdout);
    assert!(found.stdout.contains("minimal: proven"), "{}", found.stdout);
    let as_it_was = run(&mut count.gorace(&["replay", &id]));
    assert_eq!(as_it_was.code, Some(66), "{as_it_was:?}");
    assert!(as_it_was.stdout.contains("minimal: proven"), "{}", as_it_was.stdout);

    count.write(
        "src/main.rs",
        &text
            .replace("n.load", "counter.load")
            .replace("n.store", "counter.store")
            .replace("let n =", "let counter =")
            .replace("n.clone", "counter.clone")
            .replace("of_counter", "of_n"),
    );
    let renamed = run(&mut count.gorace(&["replay", &id]));
    assert_eq!(renamed.code, Some(66), "{renamed:?}");
    assert!(renamed.stdout.contains("replay: exact"), "{}", renamed.stdout);
    assert_eq!(replay_with(&renamed.stdout), id);
    assert_eq!(run(&mut count.gorace(&["show", &id])).code, Some(0));

    // Another bug in its place, and that is said.
    count.write(
        "src/main.rs",
        &text.replace("add.join().unwrap();", "let _ = (&add, gorace::chan::<u8>(0).1.recv());"),
    );
    let other = run(&mut count.gorace(&["replay", &id]));
    assert_eq!(other.code, Some(65), "{other:?}");
    assert!(other.stdout.contains(&format!("what was asked for, {id}")), "{}", other.stdout);
}
