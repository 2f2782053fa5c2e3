//! The reports as they are printed, one of each kind, in ASCII without colour at a width of 100; one with
//! line drawing and colours. `just bless` accepts a change; look at it before.

use gorace_tests::{gorace, run};

fn report(example: &str, flags: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    // A folder of its own: what earlier runs found is not tried first.
    let mut command = gorace();
    command.env("GORACE_OUT_DIR", folder.path()).args(["run", "--no-times", "-p", "gorace-fixtures"]);
    let ran = run(command.args(["--example", example]).args(flags));
    assert_eq!(ran.code, Some(66), "{ran:?}");
    ran.stdout
}

macro_rules! golden {
    ($($name:ident,)*) => {
        $(#[test] fn $name() {
            insta::assert_snapshot!(report(stringify!($name), &["--ascii"]));
        })*
    };
}

golden!(
    bank_transfer,
    racy_counter,
    lost_wakeup,
    leaked_receiver,
    forgotten_close,
    panic_in_order,
    send_on_closed,
    spin_flag,
    three_lock_cycle,
    nested_access,
    spin_for_ever,
    lost_waker,
);

#[test]
fn bank_transfer_in_colour() {
    // Escape codes as text, so that the snapshot can be read and reviewed.
    let report = report("bank_transfer", &["--color", "always"]);
    assert!(report.contains("\u{1b}["), "{report}");
    insta::assert_snapshot!(report.replace('\u{1b}', "ESC"));
}

#[test]
fn colour_changes_no_text() {
    for example in ["bank_transfer", "racy_counter"] {
        let coloured = report(example, &["--color", "always"]);
        let mut plain = String::new();
        let mut rest = coloured.as_str();
        while let Some((before, escape)) = rest.split_once("\u{1b}[") {
            plain.push_str(before);
            rest = escape.split_once('m').expect("only colours are set").1;
        }
        plain.push_str(rest);
        assert_eq!(plain, report(example, &[]));
    }
}
