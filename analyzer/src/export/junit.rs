//! JUnit's XML, as test runners write it and every CI reads it: one suite a test binary, one case a checked test.
//!
//! Cases have their tests' names; what suites are called is for who knows the packages to say. A finding in the baseline, or allowed, fails no case: its report
//! is in the case's output. quick-junit writes the XML, and takes out most of what XML cannot hold.

use crate::export::{Found, Run, Standing};
use crate::record::{Program, RunResult};
use crate::verdict::Stopped;
use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};
use std::fmt::Write as _;

/// The run as JUnit's XML. `suite` gives the name of a program's test binary.
pub fn junit(run: &Run<'_>, suite: &dyn Fn(&Program) -> String) -> String {
    let mut report = Report::new("gorace");
    if let Some(elapsed) = run.elapsed {
        report.set_time(elapsed);
    }
    let mut suites: Vec<(String, TestSuite)> = Vec::new();
    for result in run.results {
        let name = suite(&result.program);
        let case = case(&name, result, &run.of(result).collect::<Vec<_>>());
        match suites.iter_mut().find(|(other, _)| *other == name) {
            Some((_, suite)) => drop(suite.add_test_case(case)),
            None => {
                let mut suite = TestSuite::new(name.as_str());
                suite.add_test_case(case);
                suites.push((name, suite));
            }
        }
    }
    if !run.complaints.is_empty() {
        suites.push(("gorace".to_owned(), complaints(run)));
    }
    report.add_test_suites(suites.into_iter().map(|(_, suite)| suite));
    // Writing to memory fails only if the XML is none, and quick-junit makes it.
    let xml = report.to_string().unwrap_or_default();
    // XML 1.0 has neither of these, and quick-junit lets them through.
    xml.replace(['\u{fffe}', '\u{ffff}'], "")
}

/// What is wrong with the run itself, as a case of its own: a reader that knows only cases sees it.
fn complaints(run: &Run<'_>) -> TestSuite {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_message(run.complaints.join("; "));
    status.set_description(run.complaints.join("\n"));
    let mut case = TestCase::new("all expected tests ran and explored", status);
    case.set_classname("gorace");
    let mut suite = TestSuite::new("gorace");
    suite.add_test_case(case);
    suite
}

fn case(suite: &str, result: &RunResult, findings: &[&Found<'_>]) -> TestCase {
    let new: Vec<&&Found<'_>> = findings.iter().filter(|found| found.standing == Standing::New).collect();
    let status = match (new.split_first(), &result.misfit) {
        (Some((first, rest)), _) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            let more = if rest.is_empty() { String::new() } else { format!(" (and {} more)", rest.len()) };
            status.set_type(first.report.code.code());
            status.set_message(format!("{}{more}", first.report.headline));
            let texts: Vec<String> = new.iter().map(|found| found.text()).collect();
            status.set_description(texts.join("\n"));
            status
        }
        (None, Some(why)) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(why.why.as_str());
            status
        }
        // It did not come to its end, so that it says nothing.
        (None, None) if result.stopped == Stopped::Interrupted => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(result.stopped.word());
            status
        }
        (None, None) => TestCaseStatus::success(),
    };
    let mut case = TestCase::new(result.program.title(), status);
    case.set_classname(suite);
    if let Some(elapsed) = result.elapsed {
        case.set_time(elapsed);
    }
    case.add_property(Property::new("gorace.verdict", result.summary().to_string()));
    case.add_property(Property::new("gorace.stopped", result.end_word()));
    let mut output = String::new();
    for found in findings {
        case.add_property(Property::new("gorace.fingerprint", found.record.fingerprint.to_string()));
        case.add_property(Property::new("gorace.replay", found.replay()));
        let standing = match &found.standing {
            Standing::New => continue,
            Standing::Known => "in the baseline".to_owned(),
            Standing::Allowed(reason) => format!("allowed: {reason}"),
        };
        let _ = writeln!(output, "{standing}\n{}", found.text());
    }
    for note in &result.notes {
        let _ = writeln!(output, "note: {note}");
    }
    if !output.is_empty() {
        case.set_system_out(output);
    }
    case
}
