//! The page on conformance names tests that exist.

use gorace_tests::root;
use std::collections::BTreeMap;

const FOLDERS: [&str; 6] = [
    "runtime/green/tests",
    "tests/tests",
    "fixtures/tests",
    "macros/tests",
    "analyzer/tests",
    "runtime/engine/src/tests",
];

/// The tests by the names of their files, or of the folder that has a `main.rs` and its parts; two may have one name.
fn files() -> BTreeMap<String, String> {
    let mut files = BTreeMap::<String, String>::new();
    for entry in FOLDERS.iter().flat_map(|folder| std::fs::read_dir(root().join(folder)).expect("a folder")) {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let parts = match path.join("main.rs").exists() {
            true => std::fs::read_dir(&path)
                .expect("a folder")
                .map(|part| part.expect("an entry").path())
                .collect(),
            false => vec![path],
        };
        for part in parts.iter().filter(|part| part.extension().is_some_and(|extension| extension == "rs")) {
            files.entry(name.clone()).or_default().push_str(&std::fs::read_to_string(part).expect("a text"));
        }
    }
    files
}

/// The catalog's tests are made by a macro, from a list: `"../examples/x.rs" x;`.
fn has_test(text: &str, name: &str) -> bool {
    name == "*" || text.contains(&format!("fn {name}(")) || text.contains(&format!("\" {name};"))
}

#[test]
fn each_test_that_the_page_names_is_there() {
    let page = std::fs::read_to_string(root().join("docs/CONFORMANCE.md")).expect("the page is there");
    let files = files();
    let mut named = 0;
    for row in page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| ---")) {
        let tests = row.trim_end_matches(" |").rsplit(" | ").next().expect("a last column");
        for test in tests.split('`').skip(1).step_by(2) {
            let (file, name) = test.split_once("::").unwrap_or_else(|| panic!("`{test}` is no test: {row}"));
            let text = files.get(file).unwrap_or_else(|| panic!("there is no {file}.rs: {row}"));
            assert!(has_test(text, name), "there is no `{name}` in {file}.rs: {row}");
            named += 1;
        }
        assert!(tests == "tests" || tests.contains("::"), "no test: {row}");
    }
    assert!(named > 100, "{named}");
}
