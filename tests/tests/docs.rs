//! The page on architecture has a line for each file.

use gorace_tests::root;
use std::path::{Path, PathBuf};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "tests") {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn each_file_has_its_line_and_each_line_its_file() {
    let page = std::fs::read_to_string(root().join("docs/ARCHITECTURE.md")).expect("the page is there");
    let (_, list) = page.split_once("## Files\n").expect("the list of files");
    let mut listed = Vec::new();
    for part in list.split("\n\n").skip(1) {
        let folder = part.trim_start().split('`').nth(1).expect("a folder in backticks");
        let files = part.lines().filter_map(|line| line.strip_prefix("* `")?.split('`').next());
        listed.extend(files.map(|file| format!("{folder}{file}")));
    }
    let mut there = Vec::new();
    for folder in [
        "analyzer/core/src",
        "analyzer/src",
        "runtime/engine/src",
        "runtime/green/src",
        "runtime/goroutines/src",
        "runtime/inject/src",
        "macros/src",
        "cli/build",
        "cli/src",
        "fixtures/src",
        "benches",
    ] {
        let mut found = Vec::new();
        sources(&root().join(folder), &mut found);
        let is_listed =
            |path: &PathBuf| path.file_name().is_none_or(|name| name != "lib.rs" && name != "mod.rs");
        let relative =
            |path: PathBuf| path.strip_prefix(root()).expect("below the root").display().to_string();
        there.extend(found.into_iter().filter(is_listed).map(relative));
    }
    listed.sort();
    there.sort();
    let missing: Vec<_> = there.iter().filter(|path| !listed.contains(path)).collect();
    let gone: Vec<_> = listed.iter().filter(|path| !there.contains(path)).collect();
    assert!(missing.is_empty() && gone.is_empty(), "without a line: {missing:?}; without a file: {gone:?}");
    assert_eq!(listed.len(), there.len(), "a file has two lines");
}
