//! The formats that other tools read, each judged by a reader that is not ours: the published schema of SARIF, a parser
//! of JUnit's XML, cargo's own types. And their golden files; `INSTA_UPDATE=always` accepts a change, after a look at it.
#![cfg(feature = "files")]

mod hostile;
mod pictures;
mod runs;

use gorace_analyzer::export::{CargoTarget, Standing, cargo_message, github, gitlab, junit, sarif, summary};
use runs::{DEADLOCK, LEAK, PANIC, RACE, Stored, paths};
use serde_json::{Value, json};

/// One finding of each standing: a new race, a known deadlock, an allowed leak, a new panic.
fn four() -> Stored {
    Stored::read(&[RACE, DEADLOCK, LEAK, PANIC], |_, _| ())
}

fn standing(i: usize) -> Standing {
    match i {
        1 => Standing::Known,
        2 => Standing::Allowed("meant: #12".to_owned()),
        _ => Standing::New,
    }
}

fn sarif_of(stored: &Stored) -> Value {
    sarif(&stored.run(standing), &paths(), &stored.source_of())
}

/// The schema that OASIS published with the standard.
fn sarif_schema() -> jsonschema::Validator {
    let text = include_str!("../data/sarif-2.1.0.schema.json");
    // A bracket of the pattern for languages is open, which only ECMAScript's own engines let pass.
    let schema: Value = serde_json::from_str(&text.replace("{2}]?$", "{2}\\\\]?$")).expect("JSON");
    jsonschema::validator_for(&schema).expect("a schema")
}

fn assert_valid(log: &Value) {
    let errors: Vec<String> = sarif_schema().iter_errors(log).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}\n{log:#}");
}

#[test]
fn sarif_is_what_the_published_schema_says() {
    let log = sarif_of(&four());
    assert_valid(&log);
    // The schema can refuse: what it asks for is taken away.
    for pointer in ["/runs/0/tool/driver/name", "/runs/0/results/0/message"] {
        let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
        let mut broken = log.clone();
        broken.pointer_mut(parent).and_then(Value::as_object_mut).expect("an object").remove(key);
        assert!(!sarif_schema().is_valid(&broken), "without {pointer}");
    }
    let mut short = log;
    for rule in short["runs"][0]["tool"]["driver"]["rules"].as_array_mut().expect("rules") {
        rule["help"] = json!("what `gorace explain` prints");
    }
    insta::assert_snapshot!("sarif", format!("{short:#}\n"));
}

#[test]
fn sarif_has_a_flow_for_each_task_in_the_order_of_execution() {
    let log = sarif_of(&four());
    let flows = &log["runs"][0]["results"][1]["codeFlows"];
    let threads = flows[0]["threadFlows"].as_array().expect("thread flows");
    let headers: Vec<&str> = threads.iter().filter_map(|thread| thread["message"]["text"].as_str()).collect();
    assert_eq!(headers, ["T0 main", "T1 transfer", "T2 audit"]);
    let mut orders: Vec<u64> = Vec::new();
    for thread in threads {
        let own: Vec<u64> = thread["locations"]
            .as_array()
            .expect("locations")
            .iter()
            .filter_map(|step| step["executionOrder"].as_u64())
            .collect();
        assert!(own.is_sorted(), "{own:?}");
        orders.extend(own);
    }
    orders.sort_unstable();
    let all = orders.len();
    orders.dedup();
    assert_eq!(orders.len(), all, "no two steps at one time");
}

#[test]
fn sarif_says_how_findings_stand() {
    let log = sarif_of(&four());
    let results = log["runs"][0]["results"].as_array().expect("results");
    let states: Vec<&str> = results.iter().filter_map(|result| result["baselineState"].as_str()).collect();
    assert_eq!(states, ["new", "unchanged", "new", "new"]);
    assert_eq!(results[2]["suppressions"][0]["justification"], "meant: #12");
    assert!(results[0].get("suppressions").is_none());
    let fingerprint = &results[0]["partialFingerprints"]["goraceFingerprint/v1"];
    assert_eq!(fingerprint, &json!(four().records[0].fingerprint.to_string()));
    let location = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(location["artifactLocation"]["uri"], "rust/fixtures/examples/racy_counter.rs");
    // racy_counter.rs, line 12: both writes.
    assert_eq!(location["region"]["startLine"], 12);
}

/// GitHub: "thread flow locations per result: 10,000", of which a thousand are kept.
#[test]
fn sarif_of_a_long_trace_stays_within_the_limits() {
    let stored = Stored::read(&[RACE], |record, _| {
        let read = record.trace.events[8];
        record.trace.events.extend(std::iter::repeat_n(read, 20_000));
    });
    let log = sarif_of(&stored);
    assert_valid(&log);
    let threads =
        log["runs"][0]["results"][0]["codeFlows"][0]["threadFlows"].as_array().expect("flows").clone();
    let steps: usize = threads.iter().map(|thread| thread["locations"].as_array().map_or(0, Vec::len)).sum();
    assert!(steps > 0 && steps <= 1_000, "{steps}");
    let essential = threads.iter().flat_map(|thread| thread["locations"].as_array().into_iter().flatten());
    let numbered = essential.filter(|step| step["importance"] == "essential").count();
    assert_eq!(numbered, 2, "both accesses are kept");
}

/// What the test binary of a stored finding's program is called.
fn suite(program: &gorace_analyzer::record::Program) -> String {
    format!("{}::{}", program.package, program.target)
}

#[test]
fn junit_is_read_back_by_another_reader() {
    let stored = four();
    let xml = junit(&stored.run(standing), &suite);
    let read = junit_parser::from_reader(xml.as_bytes()).expect("a reader of JUnit's XML reads it");
    assert_eq!(
        (read.tests, read.failures, read.errors),
        (4, 2, 0),
        "known and allowed findings fail nothing"
    );
    let cases: Vec<_> = read.suites.iter().flat_map(|suite| suite.cases.iter()).collect();
    let failed: Vec<&str> = cases
        .iter()
        .filter(|case| case.status.is_failure())
        .map(|case| case.original_name.as_str())
        .collect();
    assert_eq!(failed, ["racy_counter", "panic_in_order"]);
    insta::assert_snapshot!("junit", xml);
}

#[test]
fn annotations_are_of_new_findings_only() {
    let stored = four();
    let lines = github(&stored.run(standing), &paths());
    assert_eq!(lines.lines().count(), 2, "{lines}");
    assert!(lines.lines().all(|line| line.starts_with("::error file=rust/fixtures/examples/")), "{lines}");
    insta::assert_snapshot!("github", lines);
}

#[test]
fn the_eleventh_annotation_is_a_count() {
    let stored = Stored::read(&[RACE; 14], |_, _| ());
    let lines = github(&stored.run(|_| Standing::New), &paths());
    let (errors, rest): (Vec<&str>, Vec<&str>) = lines.lines().partition(|line| line.starts_with("::error "));
    assert_eq!((errors.len(), rest.len()), (10, 1));
    assert!(rest[0].starts_with("::notice title=gorace::4 more findings"), "{rest:?}");
    let eleven = Stored::read(&[RACE; 10], |_, _| ());
    assert!(!github(&eleven.run(|_| Standing::New), &paths()).contains("::notice"));
}

/// What is wrong beside the findings makes each format red that can be.
#[test]
fn a_run_that_says_too_little_is_told() {
    let stored = Stored::read(&[RACE], |_, _| ());
    let mut run = stored.run(|_| Standing::Known);
    run.complaints = vec!["`a::b` was expected and did not run\n::error::forged".to_owned()];
    let lines = github(&run, &paths());
    assert_eq!(lines.lines().count(), 1, "{lines}");
    assert!(lines.starts_with("::error title=gorace::`a::b` was expected"), "{lines}");
    let xml = junit(&run, &suite);
    let read = junit_parser::from_reader(xml.as_bytes()).expect("XML");
    assert_eq!((read.tests, read.failures, read.errors), (2, 0, 1), "{xml}");
    let log = sarif(&run, &paths(), &stored.source_of());
    assert_valid(&log);
    assert_eq!(log["runs"][0]["invocations"][0]["executionSuccessful"], false);
    let page = summary(&run);
    assert!(page.contains("says too little") && page.contains("\n* \\`a::b\\` was expected"), "{page}");
}

#[test]
fn code_quality_has_each_bug_once() {
    let stored = Stored::read(&[RACE, RACE, DEADLOCK, LEAK], |_, _| ());
    let issues = gitlab(
        &stored.run(|i| if i == 3 { Standing::Allowed(String::new()) } else { Standing::New }),
        &paths(),
    );
    let checks: Vec<&str> =
        issues.as_array().expect("a list").iter().filter_map(|i| i["check_name"].as_str()).collect();
    assert_eq!(checks, ["GR0001", "GR0002"]);
    for issue in issues.as_array().expect("a list") {
        // What GitLab's page asks for.
        assert!(issue["description"].is_string() && issue["fingerprint"].is_string(), "{issue}");
        assert!(
            ["info", "minor", "major", "critical", "blocker"]
                .contains(&issue["severity"].as_str().unwrap_or(""))
        );
        assert!(
            issue["location"]["path"].is_string() && issue["location"]["lines"]["begin"].is_u64(),
            "{issue}"
        );
    }
    insta::assert_snapshot!("gitlab", format!("{issues:#}\n"));
}

#[test]
fn the_summary_shows_what_counts() {
    let stored = four();
    let page = summary(&stored.run(standing));
    assert!(page.contains("2 new, 1 in the baseline, 1 allowed"), "{page}");
    insta::assert_snapshot!("summary", page);
}

#[test]
fn a_summary_never_exceeds_what_github_takes() {
    let stored = Stored::read(&[DEADLOCK; 600], |_, _| ());
    let page = summary(&stored.run(|_| Standing::New));
    assert!(page.len() <= 1 << 20, "{}", page.len());
    assert!(page.contains("more reports do not fit here"), "{}", page.len());
}

fn target() -> CargoTarget {
    CargoTarget {
        package_id: "path+file:///repo/rust/fixtures#gorace-fixtures@0.1.0".to_owned(),
        manifest_path: "/repo/rust/fixtures/Cargo.toml".to_owned(),
        target: json!({
            "kind": ["example"], "crate_types": ["bin"], "name": "racy_counter", "src_path": "/repo/rust/fixtures/x.rs",
            "edition": "2024", "doc": false, "doctest": false, "test": false,
        }),
    }
}

#[test]
fn cargos_own_types_read_the_messages() {
    let stored = four();
    let run = stored.run(standing);
    let lines: Vec<String> =
        run.findings.iter().map(|found| cargo_message(found, &target()) + "\n").collect();
    let messages: Vec<_> = cargo_metadata::Message::parse_stream(lines.concat().as_bytes())
        .map(|message| match message.expect("a message") {
            cargo_metadata::Message::CompilerMessage(message) => message.message,
            other => panic!("not a compiler message: {other:?}"),
        })
        .collect();
    assert_eq!(messages.len(), 4);
    let source = stored.sources[0].1.as_bytes();
    let primary: Vec<&str> = messages[0]
        .spans
        .iter()
        .filter(|span| span.is_primary)
        .map(|span| {
            std::str::from_utf8(&source[span.byte_start as usize..span.byte_end as usize]).expect("text")
        })
        .collect();
    // The two writes, as they stand in the file.
    assert_eq!(primary.len(), 2, "{:?}", messages[0].spans);
    assert!(
        primary.iter().all(|text| text.starts_with("with_mut(") || text.starts_with("set(")),
        "{primary:?}"
    );
    let span = &messages[0].spans[0];
    let row: Vec<char> = span.text[0].text.chars().collect();
    let by_columns: String = row[span.column_start - 1..span.column_end - 1].iter().collect();
    assert_eq!(by_columns, primary[0]);
    let pretty = lines.iter().map(|line| {
        let mut value: Value = serde_json::from_str(line).expect("JSON");
        value["message"]["code"]["explanation"] = json!("what `gorace explain` prints");
        format!("{value:#}")
    });
    insta::assert_snapshot!("cargo", pretty.collect::<Vec<_>>().join("\n"));
}
