//! Elements that were killed, shares that are missing or there twice, and what does not belong together.

use crate::elements::{Elements, said};
use gorace_tests::{Crate, Ran};
use std::fs;
use std::path::{Path, PathBuf};

/// Tasks with critical sections: (nm)! / (m!)^n interleavings, here 1 680 and 369 600.
const SECTIONS: &str = "fn sections(tasks: u32, times: u32) {\n    use gorace::sync::{Arc, Mutex};\n    \
    let n = Arc::new(Mutex::new(0));\n    let add = |n: Arc<Mutex<u32>>| gorace::thread::spawn(move || for _ in 0..times { *n.lock().unwrap() += 1; });\n    \
    let tasks: Vec<_> = (0..tasks).map(|_| add(n.clone())).collect();\n    tasks.into_iter().for_each(|task| task.join().unwrap());\n}\n\
    #[gorace::checked_test(strategy = \"exhaustive\")]\nfn short() { sections(3, 3); }\n";
const LONG: &str =
    "#[gorace::checked_test(strategy = \"exhaustive\", timeout = \"60m\")]\nfn long() { sections(4, 3); }\n";

fn elements(name: &str, text: &str) -> Elements {
    let elements = Elements::of(Crate::new(name), text);
    elements.begin(100);
    elements
}

fn split(elements: &Elements, from: &str, round: &str) {
    let ran = elements.gorace(&["split", from, "-n", "2", "-o", round]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

#[track_caller]
fn refused(ran: &Ran, code: i32, words: &str) {
    assert_eq!(ran.code, Some(code), "{ran:?}");
    assert!(ran.stderr.contains(words), "{words}: {}", ran.stderr);
}

fn only_file(folder: &Path) -> PathBuf {
    fs::read_dir(folder).expect("a folder").next().expect("a file").expect("its name").path()
}

#[test]
fn a_killed_element_is_noticed_and_run_again() {
    let elements = elements("killed", &format!("{SECTIONS}{LONG}"));
    split(&elements, "start/resume", "round");
    split(&elements, "start/resume", "control");
    for share in ["control/1", "control/2", "round/1"] {
        elements.element(&elements.path(share), 500);
    }
    let two = elements.path("round/2");
    // Of two tests one is over in time; the other one is killed when it has begun.
    let mut killed = elements.command(&two, 1_000_000).arg("long").spawn().expect("started");
    let run = two.join("run");
    while !fs::read_dir(&run).is_ok_and(|mut entries| {
        entries.any(|entry| entry.is_ok_and(|entry| entry.file_name().to_string_lossy().ends_with(".json")))
    }) {
        std::thread::yield_now();
    }
    killed.kill().expect("killed");
    killed.wait().expect("ended");
    refused(&elements.merge("round"), 4, "share 2 of 2 was not run to its end");
    assert!(!elements.path("round/left").exists(), "nothing is counted");
    elements.element(&two, 500);
    let once = said(&elements.merge("round"));
    assert_eq!(once, said(&elements.merge("control")), "as if nobody had been killed");
    // Whoever is run twice goes on.
    elements.element(&two, 500);
    let twice = said(&elements.merge("round"));
    assert_eq!(twice["long"].executions, once["long"].executions + 500);
}

#[test]
fn a_share_that_does_not_fit_is_named() {
    let elements = elements("strangers", SECTIONS);
    split(&elements, "start/resume", "round");
    let file = |round: &str, share: u32| only_file(&elements.path(&format!("{round}/{share}/resume")));
    refused(
        &elements.gorace(&["split", "start/resume", "-n", "2", "-o", "round"]),
        2,
        "is the folder of another round",
    );
    refused(&elements.merge("round"), 4, "shares 1, 2 of 2 were not run to their end");
    for share in 1..=2 {
        elements.element(&elements.path(&format!("round/{share}")), 50);
    }
    let (one, two) = (file("round", 1), file("round", 2));
    let whole = fs::read(&two).expect("text");
    let with = |bytes: &[u8]| {
        fs::write(&two, bytes).expect("written");
        elements.merge("round")
    };
    refused(&with(&fs::read(&one).expect("text")), 65, "share 1 of 2 is there twice");
    refused(&with(&whole[..whole.len() / 2]), 78, "it was cut or changed");
    refused(&with(b"a letter\n"), 78, "expected a file that begins with `gorace-resume`");
    fs::remove_file(&two).expect("removed");
    refused(&elements.merge("round"), 4, "share 2 of 2 is missing");
    fs::write(&two, &whole).expect("written");
    let merged = elements.merge("round");
    assert_eq!(said(&merged)["short"].executions, 200, "{merged:?}");
    // The next round takes none of the last one's.
    split(&elements, "round/left", "next");
    fs::write(file("next", 1), &whole).expect("written");
    refused(&elements.merge("next"), 65, "it is a share of another round");
    refused(
        &elements.gorace(&["split", &two.display().to_string(), "-n", "2", "-o", "x"]),
        2,
        "it is a share already",
    );
    refused(&elements.gorace(&["split", "src", "-n", "2", "-o", "x"]), 4, "holds no resume file");
}

#[test]
fn another_program_or_setting_is_refused_where_it_runs() {
    let mut elements = elements("others", SECTIONS);
    split(&elements, "start/resume", "round");
    let one = elements.path("round/1");
    let ran = gorace_tests::run(elements.command(&one, 50).env("GORACE_MAX_STEPS", "900"));
    assert_eq!(ran.code, Some(101), "{ran:?}");
    assert!(
        ran.stdout.contains("it was left by a run with max_steps = 200000, and this one has 900"),
        "{ran:?}"
    );
    // What is searched depends on no seed.
    let two = elements.path("round/2");
    let ran = gorace_tests::run(elements.command(&two, 50).env("GORACE_SEED", "9"));
    assert_eq!(ran.code, Some(0), "{ran:?}");
    elements.rebuild(&SECTIONS.replace("+= 1", "+= 2"));
    let ran = elements.element(&one, 50);
    assert_eq!(ran.code, Some(101), "{ran:?}");
    assert!(ran.stdout.contains("the program has changed since: src/lib.rs is another one"), "{ran:?}");
    refused(&elements.merge("round"), 4, "share 1 of 2 was not run to its end");
}
