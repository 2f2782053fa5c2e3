//! Programs that do not use gorace obey the configuration, too: the command line, then the environment, then the profile.
#![cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]

use gorace_tests::{Ran, Unmodified, run};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn configuration() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("gorace.toml");
    let text = "[profile.default]\nstrategy = \"random\"\nmax-executions = 30\ntimeout = \"1h\"\nspurious = true\n\
                [profile.wide]\nmax-executions = 40\n";
    std::fs::write(&file, text).expect("written");
    (folder, file)
}

fn explored(package: &'static str, file: &Path, args: &[&str], variable: Option<&str>) -> Ran {
    let mut command = Unmodified(package).gorace(args);
    command.arg("--no-times").env("GORACE_CONFIG_FILE", file);
    command.envs(variable.map(|value| ("GORACE_MAX_EXECUTIONS", value)));
    run(&mut command)
}

#[test]
fn the_nearest_setting_wins() {
    let (_folder, file) = configuration();
    let program = ["run", "--bin", "abba_fixed"];
    for (more, variable, schedules) in [
        (&[][..], None, 30),
        (&["-P", "wide"], None, 40),
        (&["-P", "wide"], Some("7"), 7),
        (&["--max-executions", "8"], Some("7"), 8),
    ] {
        let ran = explored("plain", &file, &[&program, more].concat(), variable);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let verdict = format!("abba_fixed: tested: {schedules} schedules (random)");
        assert!(ran.stdout.contains(&verdict), "{verdict}: {ran:?}");
    }
}

#[test]
fn tests_obey_it() {
    let (_folder, file) = configuration();
    let ran = explored("suite", &file, &["test", "--all", "taken_in_one_order"], None);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("taken_in_one_order: tested: 30 schedules (random)"), "{ran:?}");
}
