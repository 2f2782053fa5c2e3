//! The JSON lines are what their schema in `docs/` says, judged by a validator that is not ours.

use gorace_tests::{Crate, gorace, root, run};
use serde_json::Value;

fn schema() -> jsonschema::Validator {
    let text = std::fs::read_to_string(root().join("docs/finding.schema.json")).expect("the schema is there");
    let schema: Value = serde_json::from_str(&text).expect("the schema is JSON");
    jsonschema::validator_for(&schema).expect("the schema is a schema")
}

/// The lines of `stdout`, each checked.
fn lines(stdout: &str) -> Vec<Value> {
    let schema = schema();
    let parse = |line: &str| {
        let value: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let errors: Vec<String> = schema.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}\n{line}");
        value
    };
    stdout.lines().map(parse).collect()
}

fn of_type<'v>(lines: &'v [Value], kind: &str) -> Vec<&'v Value> {
    lines.iter().filter(|line| line["type"] == kind).collect()
}

#[test]
fn findings_and_summaries_of_a_run() {
    for (example, code, findings) in [
        ("bank_transfer", "GR0002", 1),
        ("racy_counter", "GR0001", 1),
        ("leaked_receiver", "GR0003", 1),
        ("panic_in_order", "GR0004", 1),
        ("bank_transfer_fixed", "", 0),
    ] {
        let mut command = gorace();
        command.args(["run", "-p", "gorace-fixtures", "--example", example, "--message-format", "json"]);
        let ran = run(&mut command);
        let lines = lines(&ran.stdout);
        let found = of_type(&lines, "finding");
        assert_eq!(found.len(), findings, "{}", ran.stdout);
        assert!(found.iter().all(|finding| finding["code"] == code), "{}", ran.stdout);
        let summaries = of_type(&lines, "summary");
        assert_eq!(summaries.len(), 2, "one for the program, one for all: {}", ran.stdout);
        assert_eq!(summaries[1]["findings"], findings);
    }
}

#[test]
fn findings_and_summaries_of_tests() {
    let tested = Crate::new("two_tests");
    tested.write(
        "src/lib.rs",
        "#[gorace::checked_test]\nfn fine() { gorace::go!({}).join().unwrap(); }\n\
         #[gorace::checked_test]\nfn waits() { gorace::chan::<u8>(0).1.recv(); }\n",
    );
    let ran = run(&mut tested.gorace(&["test", "--message-format", "json"]));
    let lines = lines(&ran.stdout);
    assert_eq!(of_type(&lines, "finding").len(), 1, "{}", ran.stdout);
    assert_eq!(of_type(&lines, "summary").len(), 3, "{}", ran.stdout);
}

/// What is told beside the findings is for people, and so on standard error.
#[test]
fn nothing_else_is_on_standard_output() {
    let program = Crate::new("beside");
    let json =
        |stall: &str| run(program.gorace(&["run", "--message-format", "json"]).env("GORACE_STALL", stall));
    program.write(
        "src/main.rs",
        "#[gorace::main]\nfn main() {\n    let (_tx, rx) = gorace::chan::<u8>(0);\n    \
             if std::env::var_os(\"GORACE_REPLAY\").is_none() { rx.recv(); }\n    gorace::go!({}).join().unwrap();\n}\n",
    );
    let ran = json("10s");
    assert_eq!(ran.code, Some(65), "{ran:?}");
    assert_eq!(of_type(&lines(&ran.stdout), "summary").len(), 2, "{}", ran.stdout);
    assert!(ran.stderr.contains("did not show again in a fresh process"), "{ran:?}");
    program.write(
        "src/main.rs",
        "#[gorace::main]\nfn main() {\n    gorace::go!({}).join().unwrap();\n    loop { std::hint::spin_loop(); }\n}\n",
    );
    let ran = json("1s");
    assert_eq!(ran.code, Some(66), "{ran:?}");
    assert_eq!(of_type(&lines(&ran.stdout), "summary").len(), 1, "{}", ran.stdout);
    assert!(ran.stderr.contains("error[GR0009]"), "{ran:?}");
}

#[test]
fn the_schema_refuses_what_it_must() {
    let schema = schema();
    let mut command = gorace();
    command.args(["run", "-p", "gorace-fixtures", "--example", "racy_counter", "--message-format", "json"]);
    let ran = run(&mut command);
    let line = ran.stdout.lines().next().expect("a finding");
    let finding: Value = serde_json::from_str(line).expect("JSON");
    assert!(schema.is_valid(&finding));
    let keys: Vec<String> = finding.as_object().expect("an object").keys().cloned().collect();
    for key in keys {
        let mut without = finding.clone();
        without.as_object_mut().expect("an object").remove(&key);
        assert!(!schema.is_valid(&without), "without {key}");
        let mut wrong = finding.clone();
        wrong[&key] = Value::Object(serde_json::Map::new());
        assert!(!schema.is_valid(&wrong), "with another {key}");
    }
    let mut more = finding.clone();
    more["unknown"] = 1.into();
    assert!(!schema.is_valid(&more));
}
