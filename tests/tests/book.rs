//! `docs/` is a book: its table of contents lists every page, each page is there, and no link leads nowhere.

use gorace_tests::root;
use std::path::{Path, PathBuf};

fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            pages(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}

/// Where a page's links lead, those to the web and within the page left out; code is passed over.
fn links(page: &Path) -> Vec<PathBuf> {
    let text = std::fs::read_to_string(page).expect("a page");
    let mut is_code = false;
    let prose: Vec<String> = text
        .lines()
        .filter(|line| {
            let is_fence = line.trim_start().starts_with("```");
            is_code ^= is_fence;
            !is_code && !is_fence
        })
        // What stands between backticks is no link.
        .map(|line| line.split('`').step_by(2).collect())
        .collect();
    let targets =
        prose.iter().flat_map(|line| line.split("](").skip(1)).filter_map(|rest| rest.split(')').next());
    let own = targets.map(|target| target.split('#').next().unwrap_or_default());
    own.filter(|target| !target.is_empty() && !target.contains("://"))
        .map(|target| page.parent().expect("a folder").join(target))
        .collect()
}

#[test]
fn the_summary_lists_every_page() {
    let docs = root().join("docs");
    let mut there = Vec::new();
    pages(&docs, &mut there);
    there.retain(|page| *page != docs.join("SUMMARY.md"));
    let mut listed = links(&docs.join("SUMMARY.md"));
    there.sort();
    listed.sort();
    assert_eq!(listed, there, "docs/SUMMARY.md lists the pages of docs/, each once");
}

#[test]
fn no_link_leads_nowhere() {
    let mut all = vec![root().join("README.md"), root().join("CONTRIBUTING.md")];
    pages(&root().join("docs"), &mut all);
    let lost: Vec<PathBuf> =
        all.iter().flat_map(|page| links(page)).filter(|target| !target.exists()).collect();
    assert!(lost.is_empty(), "{lost:?}");
}

/// Pages name each other by their paths as well, in backticks.
#[test]
fn a_page_that_is_named_is_there() {
    let mut all = vec![root().join("README.md"), root().join("CONTRIBUTING.md")];
    pages(&root().join("docs"), &mut all);
    for page in all {
        let text = std::fs::read_to_string(&page).expect("a page");
        for name in text.split('`').filter(|part| part.starts_with("docs/") && part.ends_with(".md")) {
            assert!(root().join(name).exists(), "{}: {name}", page.display());
        }
    }
}
