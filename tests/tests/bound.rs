//! A bound on preemptions at the command line: kept by searches, and refused beside a strategy that keeps none.

use gorace_tests::{Crate, run};

const TEST: &str = "#[cfg(test)]
mod tests {
    use gorace::sync::{Arc, Mutex};
    #[gorace::checked_test(ATTRIBUTE)]
    fn adds() {
        let n = Arc::new(Mutex::new(0));
        let tasks = [(); 3].map(|()| n.clone()).map(|n| gorace::go!({ *n.lock().unwrap() += 1 }));
        tasks.into_iter().for_each(|task| task.join().unwrap());
    }
}
";

#[test]
fn a_bound_is_kept_or_refused_and_never_passed_over() {
    let bound = Crate::new("bound");
    let command = |flags: &[&str], variables: &[(&str, &str)]| {
        let mut command = bound.gorace(&[&["test", "--no-times"], flags].concat());
        command.env("GORACE_OUT_DIR", bound.path().join("out")).envs(variables.iter().copied());
        run(&mut command)
    };
    bound.write("src/lib.rs", &TEST.replace("(ATTRIBUTE)", ""));
    let kept = command(&["--max-preemptions", "0"], &[]);
    assert_eq!(kept.code, Some(0), "{kept:?}");
    // Three tasks with one section each: 3! orders, none of which needs a preemption.
    assert!(kept.stdout.contains("tests::adds: verified"), "{kept:?}");
    let (strategy, bounded) = (["--strategy", "surw"], ["--max-preemptions", "2"]);
    let variables = [("GORACE_STRATEGY", "surw"), ("GORACE_MAX_PREEMPTIONS", "2")];
    let words = "the strategy auto or exhaustive, which keep it, got `surw`";
    for (flags, variables, code, named) in [
        (&[strategy, bounded].concat()[..], &variables[..0], 2, "--max-preemptions"),
        (&strategy[..], &variables[1..], 2, "GORACE_MAX_PREEMPTIONS"),
        (&bounded[..], &variables[..1], 2, "--max-preemptions"),
        (&[], &variables[..], 78, "GORACE_MAX_PREEMPTIONS"),
    ] {
        let refused = command(flags, variables);
        assert_eq!(refused.code, Some(code), "{refused:?}");
        assert!(refused.stderr.contains(&format!("invalid {named}: expected {words}")), "{refused:?}");
        assert!(refused.stderr.contains("--strategy exhaustive"), "{refused:?}");
    }

    // A test that is for searches, in a run of random schedules.
    bound.write("src/lib.rs", &TEST.replace("ATTRIBUTE", "max_preemptions = 2, max_executions = 9"));
    let random = command(&strategy, &[]);
    assert_eq!(random.code, Some(0), "{random:?}");
    let note = "note: tests::adds: the test's max_preemptions = 2 is for searches: surw keeps no bound";
    assert!(random.stdout.contains(note), "{random:?}");

    bound.write("src/lib.rs", &TEST.replace("ATTRIBUTE", "max_executions = 9"));
    bound.write("gorace.toml", "[profile.default]\nstrategy = \"surw\"\nmax-preemptions = 2\n");
    let refused = command(&[], &[]);
    assert_eq!(refused.code, Some(78), "{refused:?}");
    assert!(refused.stderr.contains(&format!("invalid max-preemptions: expected {words}")), "{refused:?}");
    assert_eq!(command(&["--strategy", "exhaustive"], &[]).code, Some(0));
    let random = command(&["--strategy", "random"], &[]);
    assert_eq!(random.code, Some(0), "{random:?}");
    let said = "the profile's max-preemptions = 2 is for searches: random keeps no bound";
    assert!(random.stderr.contains(said), "{random:?}");
}
