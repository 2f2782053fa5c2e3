//! Random schedules in 1, 2 and 7 shards: the verdict, the findings and the counts of one process.

use crate::elements::{Elements, PROGRAMS, Said, said};
use gorace_tests::{Ran, run};
use std::collections::BTreeMap;

/// Schedules that no shard count divides, below those after which a finding ends a run.
const OPTIONS: &str = "strategy = \"portfolio\", max_executions = 150, seed = 3";

fn part(elements: &Elements, shard: &str, out: &str) -> Ran {
    let args = ["ci", "--no-times", "--message-format", "json", "--shard", shard];
    run(elements.gorace_command(&args).env("GORACE_OUT_DIR", elements.path(out)))
}

#[test]
fn what_one_process_says() {
    let elements = Elements::new("shards", &PROGRAMS, OPTIONS);
    let whole = elements.gorace(&["ci", "--no-times", "--message-format", "json"]);
    let expected = said(&whole);
    assert_eq!(expected.len(), PROGRAMS.len());
    assert!(expected.values().all(|said| said.executions == 150), "{expected:?}");
    for shards in [1, 2, 7] {
        let mut outs = Vec::new();
        let mut alone: Vec<BTreeMap<String, Said>> = Vec::new();
        for shard in 1..=shards {
            let out = format!("{shards}-{shard}");
            let ran = part(&elements, &format!("{shard}/{shards}"), &out);
            alone.push(said(&ran));
            outs.push(out);
        }
        let of_each: Vec<u64> = alone.iter().map(|said| said["lost_update_"].executions).collect();
        assert_eq!(of_each.iter().sum::<u64>(), 150);
        assert!(of_each.iter().all(|executions| executions.abs_diff(150 / shards) <= 1), "{of_each:?}");
        let mut args = vec!["merge", "--no-times", "--message-format", "json"];
        args.extend(outs.iter().map(String::as_str));
        let merged = elements.gorace(&args);
        assert_eq!(said(&merged), expected, "{shards} shards");
        assert_eq!(merged.code, whole.code, "{merged:?}");
    }
}

#[test]
fn what_does_not_belong_together_is_refused_by_name() {
    let elements = Elements::new("strangers", &["lost_update", "counter_mutex"], OPTIONS);
    for (shard, out) in [("1/2", "one"), ("2/2", "two")] {
        part(&elements, shard, out);
    }
    let merge = |outs: &[&str]| elements.gorace(&[&["merge"], outs].concat());
    assert_eq!(merge(&["one", "two"]).code, Some(66));
    let refused = |ran: Ran, code: i32, words: &str| {
        assert_eq!(ran.code, Some(code), "{ran:?}");
        assert!(ran.stderr.contains(words), "{words}: {}", ran.stderr);
    };
    refused(merge(&["one"]), 4, "the part 2/2 is missing");
    refused(merge(&["one", "two", "two"]), 65, "the part 2/2 is there twice: in two and in two");
    let args = ["ci", "--shard", "2/2", "--seed", "4"];
    run(elements.gorace_command(&args).env("GORACE_OUT_DIR", elements.path("seed")));
    refused(
        merge(&["one", "seed"]),
        65,
        "seed does not belong to one: it was run with GORACE_SEED 4, and this one with the usual",
    );
    elements.write("src/other.rs", "// Another version.\n");
    part(&elements, "2/2", "version");
    refused(merge(&["one", "version"]), 65, "version does not belong to one: it is of another program");
    let manifest = std::fs::read_dir(elements.path("two")).expect("a folder").flatten();
    let manifest = manifest.map(|entry| entry.path().join("shard")).find(|path| path.is_file());
    let manifest = manifest.expect("a manifest");
    let text = std::fs::read_to_string(&manifest).expect("text");
    std::fs::write(&manifest, &text[..text.len() / 2]).expect("written");
    refused(merge(&["one", "two"]), 78, "is not what gorace wrote");
}

#[test]
fn the_engine_says_which_part_it_is() {
    let elements = Elements::new("engines", &["counter_mutex"], OPTIONS);
    let status = elements.path("status");
    let ran = run(elements
        .gorace_command(&["test", "--shard", "auto"])
        .env("TEST_SHARD_INDEX", "1")
        .env("TEST_TOTAL_SHARDS", "2")
        .env("TEST_SHARD_STATUS_FILE", &status));
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stderr.contains("gorace: part 2/2, as Bazel says by TEST_SHARD_INDEX"), "{}", ran.stderr);
    assert!(ran.stdout.contains("tested: 75 schedules"), "{}", ran.stdout);
    assert!(status.is_file());
    let ran = run(elements.gorace_command(&["test"]).env("GORACE_SHARD", "auto").env("CI_NODE_TOTAL", "1"));
    assert_eq!(ran.code, Some(78), "{ran:?}");
    assert!(ran.stderr.contains("no engine says which part this is"), "{}", ran.stderr);
}
