//! A crate that is not ours: a checked test is found, replayed, and fixed.

use gorace_tests::{Crate, run};

const TRANSFER: &str = r#"
#[cfg(test)]
mod tests {
    use gorace::sync::{Arc, Mutex};

    #[gorace::checked_test]
    fn transfer() {
        let a = Arc::new(Mutex::new(100));
        let b = Arc::new(Mutex::new(100));
        let (a2, b2) = (a.clone(), b.clone());
        let audit = gorace::go!("audit", {
            let ORDER;
            *first.lock().unwrap() + *second.lock().unwrap()
        });
        let from = a.lock().unwrap();
        let to = b.lock().unwrap();
        drop((from, to));
        audit.join().unwrap();
    }
}
"#;

fn source(fixed: bool) -> String {
    TRANSFER.replace(
        "let ORDER",
        if fixed { "let (first, second) = (a2, b2)" } else { "let (first, second) = (b2, a2)" },
    )
}

#[test]
fn found_replayed_fixed() {
    let bank = Crate::new("bank");
    bank.write("src/lib.rs", &source(false));
    let found = run(&mut bank.cargo(&["test"]));
    assert_eq!(found.code, Some(101), "{found:?}");
    assert!(found.stdout.contains("error[GR0002]: deadlock"), "{}", found.stdout);
    assert!(found.stdout.contains("src/lib.rs:"), "{}", found.stdout);
    // The panic is the test's, not one of the library's insides.
    assert!(found.stdout.contains("panicked at src/lib.rs:"), "{}", found.stdout);
    let (_, replay) =
        found.stdout.split_once("replay:  gorace replay ").expect("the report says how to replay");
    let id: String = replay.chars().take_while(char::is_ascii_hexdigit).collect();

    let replayed = run(&mut bank.gorace(&["replay", &id]));
    assert_eq!(replayed.code, Some(66), "{replayed:?}");
    assert!(replayed.stdout.contains("error[GR0002]: deadlock"), "{}", replayed.stdout);

    // In Go's form: only the reports on standard output.
    let in_go = run(&mut bank.gorace(&["test", "--message-format", "go"]));
    assert_eq!(in_go.code, Some(66), "{in_go:?}");
    let lead = "fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [sync.Mutex.Lock]:\n";
    assert!(in_go.stdout.starts_with(lead), "{}", in_go.stdout);

    bank.write("src/lib.rs", &source(true));
    let fixed = run(&mut bank.cargo(&["test"]));
    assert_eq!(fixed.code, Some(0), "{fixed:?}");
    let tested = run(&mut bank.gorace(&["test"]));
    assert_eq!(tested.code, Some(0), "{tested:?}");
    let last = tested.stdout.lines().last().unwrap_or_default();
    assert!(last.starts_with("gorace: no findings in 1 test"), "{last}");
}

#[test]
fn without_check_the_attribute_says_what_is_missing() {
    let bare = Crate::new("bare");
    let manifest = std::fs::read_to_string(bare.path().join("Cargo.toml")).expect("the manifest was written");
    bare.write("Cargo.toml", &manifest.replace(", features = [\"check\"]", ""));
    bare.write("src/lib.rs", "#[gorace::checked_test]\nfn t() {}\n");
    let ran = run(&mut bare.cargo(&["test"]));
    assert_eq!(ran.code, Some(101), "{ran:?}");
    assert!(ran.stderr.contains("features = [\"check\"]"), "{}", ran.stderr);
}
