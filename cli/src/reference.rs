//! The reference in `docs/`: made from the grammar and the tables, and compared with the page, so that it cannot drift.
//!
//! `GORACE_BLESS=1` writes the page anew. Variables have no grammar: those that the sources name are looked for, and each
//! must be in the list here.

use crate::args::Args;
use crate::config::KEYS;
use crate::exit::EXITS;
use clap::{Arg, Command, CommandFactory as _};
use gorace_analyzer::Code;
use gorace_analyzer::verdict::Limit;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Variables that are no flag and no key.
const VARIABLES: &[(&str, &str)] = &[
    ("GORACE_REPLAY", "runs one schedule, given by its token, in place of exploring; for one test at a time"),
    ("GORACE_OUT_DIR", "where runs and findings are stored, in place of `target/gorace`"),
    (
        "GORACE_RESUME_ANEW",
        "`1`: what an earlier run left and does not fit any more is passed over, and not an error",
    ),
];

/// Variables by which the command line talks with what it starts. Nobody else sets them.
const OURS: &[(&str, &str)] = &[
    ("GORACE_EXPLORE", "`1`: a program with `#[gorace::main]` explores itself"),
    ("GORACE_RUN", "the name of the run's folder"),
    ("GORACE_DEFER", "`1`: findings fail no test, since they are judged afterwards"),
    ("GORACE_PROGRESS", "the file in which a check says how far it is"),
    ("GORACE_STOP", "the file that asks checks to stop and to keep what is left to do, once it is there"),
    ("GORACE_DEFAULT_..", "a profile's value: below a test's attribute, where `GORACE_..` is above it"),
    ("GORACE_INJECT_..", "how the library in an unmodified program reaches the command line"),
    ("GORACE_WRAPPER_..", "how cargo's `RUSTC_WRAPPER` knows what to add"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// The variable of the same meaning as a flag, if there is one.
fn variable(arg: &Arg) -> String {
    let long = arg.get_long().unwrap_or_default();
    let named = format!("GORACE_{}", long.replace('-', "_").to_uppercase());
    let of_settings = crate::settings::names().any(|name| name == named);
    let of_keys = KEYS.iter().any(|key| key.name == long);
    match arg.get_env() {
        Some(name) => format!("`{}`", name.to_string_lossy()),
        None if of_settings || of_keys => format!("`{named}`"),
        None => String::new(),
    }
}

fn flag(arg: &Arg) -> String {
    let names = arg.get_value_names().unwrap_or_default().join(" ");
    let takes = arg.get_action().takes_values();
    let is_optional = arg.get_num_args().is_some_and(|range| range.min_values() == 0);
    let value = match (takes, is_optional) {
        (false, _) => String::new(),
        (true, true) => format!("[={names}]"),
        (true, false) => format!(" {names}"),
    };
    match (arg.get_short(), arg.get_long()) {
        (Some(short), Some(long)) => format!("-{short}, --{long}{value}"),
        (None, Some(long)) => format!("--{long}{value}"),
        _ => names,
    }
}

fn meaning(arg: &Arg) -> String {
    let mut text = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let values = arg.get_possible_values();
    if arg.get_action().takes_values() && !values.is_empty() {
        let names: Vec<String> = values.iter().map(|value| format!("`{}`", value.get_name())).collect();
        let _ = write!(text, " ({})", names.join(", "));
    }
    cell(&text)
}

fn rows(args: &[&Arg], page: &mut String) {
    page.push_str("| argument | variable | meaning |\n| --- | --- | --- |\n");
    for arg in args {
        let _ = writeln!(page, "| `{}` | {} | {} |", cell(&flag(arg)), variable(arg), meaning(arg));
    }
    page.push('\n');
}

fn args(command: &Command) -> impl Iterator<Item = &Arg> {
    command.get_arguments().filter(|arg| !["help", "version"].contains(&arg.get_id().as_str()))
}

/// The group that a flag stands in.
fn group_of(arg: &Arg) -> Option<&str> {
    arg.get_help_heading().filter(|_| !arg.is_positional())
}

/// The commands that do something, each with all of its words.
fn commands<'c>(above: &'c Command, path: &str, found: &mut Vec<(String, &'c Command)>) {
    let inner: Vec<&Command> = above.get_subcommands().filter(|inner| inner.get_name() != "help").collect();
    for inner in &inner {
        commands(inner, &format!("{path} {}", inner.get_name()), found);
    }
    if inner.is_empty() {
        found.push((path.to_owned(), above));
    }
}

/// A command with the arguments that are its own; the others stand in groups, which several have.
fn command(path: &str, command: &Command, page: &mut String) {
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let _ = writeln!(page, "### `{path}`\n\n{about}.\n");
    let own: Vec<&Arg> = args(command).filter(|arg| group_of(arg).is_none()).collect();
    if !own.is_empty() {
        rows(&own, page);
    }
    let mut groups: Vec<&str> = Vec::new();
    for group in args(command).filter_map(group_of) {
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    if !groups.is_empty() {
        let _ = writeln!(page, "And those of the groups: {}.\n", groups.join("; "));
    }
}

/// A group of arguments. What not all commands of the group have is said.
fn group(name: &str, commands: &[(String, &Command)], page: &mut String) {
    let has_it = |command: &Command| args(command).any(|arg| group_of(arg) == Some(name));
    let with: Vec<&(String, &Command)> = commands.iter().filter(|(_, command)| has_it(command)).collect();
    let paths = |of: &[&(String, &Command)]| -> String {
        let paths: Vec<String> = of.iter().map(|(path, _)| format!("`{path}`")).collect();
        paths.join(", ")
    };
    let _ = writeln!(page, "### {name}\n\nOf {}.\n", paths(&with));
    let mut all: Vec<&Arg> = Vec::new();
    for arg in with.iter().flat_map(|(_, command)| args(command)).filter(|arg| group_of(arg) == Some(name)) {
        if all.iter().all(|other| other.get_id() != arg.get_id()) {
            all.push(arg);
        }
    }
    rows(&all, page);
    for arg in all {
        let takes = |command: &Command| args(command).any(|other| other.get_id() == arg.get_id());
        let some: Vec<&(String, &Command)> =
            with.iter().copied().filter(|(_, command)| takes(command)).collect();
        if some.len() < with.len() {
            let _ =
                writeln!(page, "`--{}` is of {} alone.\n", arg.get_long().unwrap_or_default(), paths(&some));
        }
    }
}

fn page() -> String {
    let mut page = "# Reference\n\nEvery command, key, variable and code. This page is made from the source (`just bless`), and a test compares the two.\n\n\
        ## Commands\n\nAll work as `cargo gorace ..`, too.\n\n".to_owned();
    let mut grammar = Args::command();
    grammar.build();
    let mut all = Vec::new();
    commands(&grammar, "gorace", &mut all);
    for (path, inner) in &all {
        command(path, inner, &mut page);
    }
    page.push_str("## Groups of arguments\n\n");
    let mut groups: Vec<&str> = Vec::new();
    for name in all.iter().flat_map(|(_, command)| args(command)).filter_map(group_of) {
        if !groups.contains(&name) {
            groups.push(name);
            group(name, &all, &mut page);
        }
    }
    page.push_str("## Keys of a profile\n\nIn `.config/gorace.toml`, or `gorace.toml` at the workspace's root, below `[profile.NAME]`. `inherits = \"NAME\"` takes another profile's \
        values first. A flag wins over a variable, that over a test's attribute, that over a profile.\n\n\
        | key | variable | built in | meaning |\n| --- | --- | --- | --- |\n");
    for key in KEYS {
        let builtin = if key.builtin.is_empty() { String::new() } else { format!("`{}`", key.builtin) };
        let _ = writeln!(page, "| `{}` | `{}` | {builtin} | {} |", key.name, key.variable, cell(key.meaning));
    }
    page.push_str("\n## Keys of a rule\n\nBelow `[[allow]]`, each once. `code` and `reason` are needed, and one of the others at least.\n\n| key | meaning |\n| --- | --- |\n");
    for (key, meaning) in crate::config::RULE_KEYS {
        let _ = writeln!(page, "| `{key}` | {} |", cell(meaning));
    }
    page.push_str(
        "\n## Other variables\n\nAn empty one counts as not set, and one that looks like gorace's and is none is told.\n\n| variable | meaning |\n| --- | --- |\n",
    );
    for (name, meaning) in VARIABLES {
        let _ = writeln!(page, "| `{name}` | {} |", cell(meaning));
    }
    page.push_str(
        "\nThese are gorace's own, between its processes:\n\n| variable | meaning |\n| --- | --- |\n",
    );
    for (name, meaning) in OURS {
        let _ = writeln!(page, "| `{name}` | {} |", cell(meaning));
    }
    page.push_str("\n## Exit codes\n\n| code | meaning |\n| --- | --- |\n");
    for (_, code, meaning) in EXITS {
        let _ = writeln!(page, "| {code} | {} |", cell(meaning));
    }
    page.push_str("\n## Codes of findings\n\n`gorace explain CODE` says more.\n\n| code | word | finding |\n| --- | --- | --- |\n");
    for code in Code::ALL {
        let _ = writeln!(page, "| {code} | `{}` | {} |", code.word(), code.title());
    }
    page.push_str("\n## Limits of verdicts\n\nWhat a verdict does not cover stands behind it: `(limits: spin_cut)`. `gorace explain LIMIT` says the same.\n\n| limit | meaning |\n| --- | --- |\n");
    for limit in Limit::ALL {
        let _ = writeln!(page, "| `{}` | {} |", limit.word(), cell(limit.meaning()));
    }
    page
}

#[test]
fn the_page_is_what_the_code_says() {
    let path = root().join("docs/REFERENCE.md");
    if std::env::var_os("GORACE_BLESS").is_some() {
        std::fs::write(&path, page()).expect("written");
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = there
        .lines()
        .zip(page().lines())
        .find(|(there, made)| there != made)
        .map(|(there, made)| format!("{there}\n{made}"));
    assert!(
        there == page(),
        "docs/REFERENCE.md is another one: `just bless` makes it anew; the first line that differs: {differs:?}"
    );
}

/// The names between quotes in a file.
fn named(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            named(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).expect("text");
            for part in text.split("\"GORACE_").skip(1) {
                let name: String = part.chars().take_while(|c| c.is_ascii_uppercase() || *c == '_').collect();
                if part[name.len()..].starts_with('"') && !name.is_empty() {
                    found.insert(format!("GORACE_{name}"));
                }
            }
        }
    }
}

#[test]
fn each_variable_is_on_the_page() {
    let mut found = BTreeSet::new();
    for folder in ["cli/src", "runtime/green/src", "runtime/goroutines/src", "runtime/inject/src"] {
        named(&root().join(folder), &mut found);
    }
    let page = page();
    // What builds and tests alone go by.
    let is_elsewhere =
        |name: &str| ["GORACE_VERSION", "GORACE_BLESS"].contains(&name) || name.starts_with("GORACE_FUZZ_");
    let is_in_a_group = |name: &str| {
        OURS.iter().filter_map(|(ours, _)| ours.strip_suffix("..")).any(|group| name.starts_with(group))
    };
    let plain = found.iter().filter(|name| !is_elsewhere(name) && !is_in_a_group(name)).map(String::as_str);
    let unknown = gorace_analyzer::variables::unknown(plain);
    assert!(unknown.is_empty(), "not in the list of those that are known: {unknown:?}");
    let unused: Vec<&&str> =
        gorace_analyzer::variables::NAMES.iter().filter(|name| !found.contains(**name)).collect();
    assert!(unused.is_empty(), "known, and nowhere in the source: {unused:?}");
    let missing: Vec<&String> = found
        .iter()
        .filter(|name| !is_elsewhere(name) && !is_in_a_group(name) && !page.contains(&format!("`{name}`")))
        .collect();
    assert!(missing.is_empty(), "not on the page: {missing:?}");
    assert!(found.len() > 30, "{found:?}");
}

#[test]
fn each_exit_has_a_code_of_its_own() {
    let codes: BTreeSet<i32> = EXITS.iter().map(|(exit, ..)| exit.code()).collect();
    assert_eq!(codes.len(), EXITS.len());
}
