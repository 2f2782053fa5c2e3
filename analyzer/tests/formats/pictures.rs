//! Pictures: the page, traces for Perfetto, graphs. The page itself is driven in a browser elsewhere (`tests/page/`).

use crate::hostile::each;
use crate::runs::{DEADLOCK, LEAK, PANIC, RACE, Stored};
use gorace_analyzer::export::{Standing, chrome, dot, html};
use serde_json::Value;
use std::collections::BTreeMap;

/// The data that the page draws.
fn data(page: &str) -> Value {
    let (_, rest) = page.split_once("<script type=\"application/json\" id=\"data\">").expect("the data");
    let (data, _) = rest.split_once("</script>").expect("its end");
    serde_json::from_str(data).expect("JSON")
}

#[test]
fn the_page_holds_what_the_report_tells() {
    let stored = Stored::read(&[RACE, DEADLOCK, LEAK, PANIC], |_, _| ());
    let run = stored.run(|_| Standing::New);
    let page = html(&run, &stored.source_of());
    for fetches in [" src=", "href=\"h", "url(", "@import", "fetch(", "import(", "XMLHttpRequest"] {
        assert!(!page.contains(fetches), "nothing is fetched: {fetches}");
    }
    assert!(!page.contains("{{"), "every part is filled in");
    let data = data(&page);
    let findings = data["findings"].as_array().expect("findings");
    assert_eq!(findings.len(), 4);
    for (finding, found) in findings.iter().zip(&run.findings) {
        assert_eq!(finding["headline"], found.report.headline.as_str());
        // The accesses that are pinned are the report's: same files, same lines.
        let pinned: Vec<(String, u64)> = finding["places"]
            .as_array()
            .expect("places")
            .iter()
            .filter(|place| place["number"].is_u64())
            .map(|place| {
                (place["file"].as_str().unwrap_or("").to_owned(), place["line"].as_u64().unwrap_or(0))
            })
            .collect();
        let told: Vec<(String, u64)> = found
            .report
            .accesses
            .iter()
            .map(|(_, _, frame)| (frame.file.clone(), u64::from(frame.line)))
            .collect();
        assert!(!pinned.is_empty() && pinned.iter().all(|place| told.contains(place)), "{pinned:?} {told:?}");
        let steps = finding["runs"][0]["steps"].as_array().expect("steps");
        assert_eq!(steps.len(), found.record.trace.events.len());
    }
    // The writes of the race, which nothing orders.
    assert_eq!(findings[0]["missing"], serde_json::json!([1, 3]));
    assert!(findings[1]["missing"].is_null());
}

/// Whatever programs say, the page has the elements that the template has.
#[test]
fn no_name_ends_an_element_of_the_page() {
    let count = |page: &str| {
        let page = page.to_lowercase();
        ["<script", "</script", "<style", "</style", "<img", "<pre", "<!--"]
            .map(|tag| page.matches(tag).count())
    };
    let plain = Stored::read(&[RACE, PANIC], |_, _| ());
    let wanted = count(&html(&plain.run(|_| Standing::New), &plain.source_of()));
    each(|text, stored| {
        let page = html(&stored.run(|_| Standing::New), &stored.source_of());
        assert_eq!(count(&page), wanted, "{text:?}");
        assert_eq!(data(&page)["findings"].as_array().map(Vec::len), Some(2), "{text:?}");
        let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        assert!(!page.contains(turns), "{text:?}");
    });
}

/// What Perfetto asks of a trace: each flow's ends are within slices of their tracks, no slice of a track cuts another.
#[test]
fn a_trace_for_perfetto_has_its_flows_in_slices() {
    let stored = Stored::read(&[RACE, DEADLOCK, LEAK, PANIC], |_, _| ());
    for found in &stored.run(|_| Standing::New).findings {
        let trace = chrome(found, &stored.sources());
        let events = trace["traceEvents"].as_array().expect("events");
        let of = |phase: &str| events.iter().filter(|event| event["ph"] == phase).collect::<Vec<_>>();
        let at = |event: &Value| event["ts"].as_f64().expect("a time");
        let steps: Vec<&Value> = of("X").into_iter().filter(|event| event["cat"] == "step").collect();
        assert_eq!(steps.len(), found.record.trace.events.len());
        let mut flows: BTreeMap<u64, (usize, usize)> = BTreeMap::new();
        for end in of("s").into_iter().chain(of("f")) {
            let within =
                |step: &&&Value| step["tid"] == end["tid"] && at(step) <= at(end) && at(end) < at(step) + 1.0;
            assert!(steps.iter().any(|step| within(&step)), "{end}");
            let ends = flows.entry(end["id"].as_u64().expect("an id")).or_default();
            if end["ph"] == "s" { ends.0 += 1 } else { ends.1 += 1 }
        }
        assert!(flows.values().all(|(starts, ends)| *starts == 1 && *ends <= 1), "{flows:?}");
        // The two accesses of a race, four of two locks taken in two orders, where the ticker waits, and what decides.
        let numbered = match found.report.code.code() {
            "GR0001" | "GR0004" => 2,
            "GR0002" => 4,
            _ => 1,
        };
        assert_eq!(of("i").len(), numbered, "{}", found.report.headline);
    }
}

fn graphs(text: &str) -> Vec<String> {
    text.split("\n\ndigraph")
        .enumerate()
        .map(|(i, part)| if i == 0 { part.to_owned() } else { format!("digraph{part}") })
        .collect()
}

#[test]
fn graphs_are_read_by_another_reader() {
    let stored = Stored::read(&[RACE, DEADLOCK], |_, _| ());
    let run = stored.run(|_| Standing::New);
    let race = graphs(&dot(&run.findings[0], &stored.sources()));
    assert_eq!(race.len(), 1, "nobody waits at the end of the race");
    let deadlock = graphs(&dot(&run.findings[1], &stored.sources()));
    assert_eq!(deadlock.len(), 2);
    for graph in race.iter().chain(&deadlock) {
        dot_parser::ast::Graph::try_from(graph.as_str()).unwrap_or_else(|error| panic!("{error}\n{graph}"));
    }
    insta::assert_snapshot!("dot", deadlock.join("\n\n"));
    each(|text, stored| {
        for found in &stored.run(|_| Standing::New).findings {
            for graph in graphs(&dot(found, &stored.sources())) {
                let parsed = dot_parser::ast::Graph::try_from(graph.as_str());
                assert!(parsed.is_ok(), "{text:?}: {}", graph.chars().take(500).collect::<String>());
            }
        }
    });
}
