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
    map_race,
    goexit_main,
    wait_group_reuse,
    rw_mutex_upgrade,
    spin_for_ever,
    lost_waker,
);

/// `--message-format go`: Go's forms for each kind of finding.
macro_rules! golden_in_go {
    ($($name:ident $example:ident,)*) => {
        $(#[test] fn $name() {
            insta::assert_snapshot!(report(stringify!($example), &["--message-format", "go"]));
        })*
    };
}

golden_in_go!(
    data_race_in_go racy_counter,
    deadlock_in_go bank_transfer,
    leak_in_go leaked_receiver,
    misuse_in_go send_on_closed,
    map_race_in_go map_race,
    no_goroutines_in_go goexit_main,
    waiting_for_channels_in_go forgotten_close,
);

#[test]
fn verbose_adds_the_goroutines() {
    insta::assert_snapshot!(report("bank_transfer", &["--ascii", "-v"]));
}

/// One colour a task, in snippets too: in a block with the marks of two tasks each keeps its own.
#[test]
fn a_task_keeps_its_colour_in_a_snippet_that_it_shares() {
    let report = report("panic_in_order", &["--color", "always"]);
    let line = |label: &str| report.lines().find(|line| line.contains(label)).expect(label).to_owned();
    // T1 is red, T2 cyan (design page, section 2).
    for (label, colour) in [("`loader` (T1): lock", "\u{1b}[31m"), ("`server` (T2): lock", "\u{1b}[36m")] {
        let line = line(label);
        let (before, _) = line.split_once(label).expect(label);
        let (_, code) = before.rsplit_once("\u{1b}[1m").expect("the label is coloured");
        assert!(code.starts_with(colour), "{line:?}");
    }
    assert!(line("T1 loader").contains("\u{1b}[31mT1 loader"), "{report}");
    assert!(line("T2 server").contains("\u{1b}[36mT2 server"), "{report}");
}

#[test]
fn no_line_of_prose_is_wider_than_the_report() {
    for example in ["panic_in_order", "goexit_main", "cond_signal_before_wait"] {
        for line in report(example, &["--ascii"]).lines() {
            assert!(line.chars().count() <= 100, "{line}");
        }
    }
}

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
