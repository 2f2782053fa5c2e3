//! `panic = "abort"`: a finding unwinds its task, so the attributes refuse it under `check`, and `gorace run` builds
//! with unwinding.

use gorace_tests::{Crate, run};

#[test]
fn the_attributes_refuse_it_under_check_and_the_command_line_unwinds() {
    let aborts = Crate::new("aborts");
    let manifest =
        std::fs::read_to_string(aborts.path().join("Cargo.toml")).expect("the manifest was written");
    aborts.write("Cargo.toml", &format!("{manifest}\n[profile.dev]\npanic = \"abort\"\n"));
    aborts.write(
        "src/main.rs",
        "#[gorace::main]\nfn main() {\n    let lock = gorace::sync::Mutex::new(1);\n    println!(\"{}\", lock.lock().unwrap());\n}\n",
    );
    let plain = run(&mut aborts.cargo(&["run", "--quiet"]));
    assert_eq!((plain.code, plain.stdout.as_str()), (Some(0), "1\n"), "{}", plain.stderr);

    let refused = run(&mut aborts.cargo(&["build", "--quiet", "--features", "gorace/check"]));
    assert_eq!(refused.code, Some(101), "{refused:?}");
    assert!(refused.stderr.contains("set `panic = \"unwind\"` in this profile"), "{}", refused.stderr);

    let explored = run(&mut aborts.gorace(&["run"]));
    assert_eq!(explored.code, Some(0), "{explored:?}");
}
