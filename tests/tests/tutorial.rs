//! The tutorial, followed step by step in a crate that is not ours: its files are written, its commands are run,
//! what it shows of their output is there, and they end as it says.

use gorace_tests::{Crate, root, run};

/// A block between fences: what stands behind the opening one, and the lines.
struct Block {
    info: String,
    lines: Vec<String>,
}

fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for line in page.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => block.lines.push(line.to_owned()),
            (None, Some(info)) => open = Some(Block { info: info.to_owned(), lines: Vec::new() }),
            (None, None) => {}
        }
    }
    blocks
}

/// Writes a file as the block says: whole, above what is there, or instead of a part.
fn write(tutorial: &Crate, block: &Block) {
    let words = block.info.strip_prefix("rust ").expect("a file's name");
    let (file, how) =
        words.split_once(" (").map_or((words, ""), |(file, how)| (file, how.trim_end_matches(')')));
    let text = block.lines.join("\n");
    let there = || std::fs::read_to_string(tutorial.path().join(file)).expect("the file is there");
    let text = match how.split_once("instead of `") {
        Some((_, part)) => {
            let (part, there) = (part.trim_end_matches('`'), there());
            assert!(there.contains(part), "{part}");
            there.replace(part, &text)
        }
        None if how == "above all" => format!("{text}\n{}", there()),
        None => text + "\n",
    };
    tutorial.write(file, &text);
}

/// Runs each command of a block; gives how many there were.
fn follow(tutorial: &Crate, block: &Block) -> usize {
    let mut commands: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in &block.lines {
        match line.strip_prefix("$ ") {
            Some(command) => commands.push((command, Vec::new())),
            None => commands.last_mut().expect("a command comes first").1.push(line),
        }
    }
    for (command, shown) in &commands {
        let (words, code) = command.split_once("   # ").expect("how it ends");
        let args: Vec<&str> = words.split(' ').skip(1).collect();
        let mut command = tutorial.gorace(&args);
        command.env("GORACE_OUT_DIR", tutorial.path().join("out"));
        for platform in ["GITLAB_CI", "JENKINS_URL"] {
            command.env_remove(platform);
        }
        let ran = run(&mut command);
        assert_eq!(ran.code, code.parse().ok(), "{words}: {ran:?}");
        for line in shown {
            assert!(
                ran.stdout.contains(line) || ran.stderr.contains(line),
                "{words}: no `{line}` in {ran:?}"
            );
        }
    }
    commands.len()
}

#[test]
fn the_gates_tutorial_can_be_followed() {
    let tutorial = std::fs::read_to_string(root().join("docs/TUTORIAL.md")).expect("the page is there");
    let bank = Crate::new("bank_of_the_tutorial");
    let mut commands = 0;
    for block in blocks(&tutorial) {
        match block.info.split(' ').next() {
            // As every crate of these tests has it, with the path of a version that is not published.
            Some("toml") => {}
            Some("rust") => write(&bank, &block),
            Some("console") => commands += follow(&bank, &block),
            _ => panic!("a block of an unknown kind: {}", block.info),
        }
    }
    assert!(commands >= 13, "{commands}");
}

/// The example of a configuration is one, and `gorace config show` has all of its keys.
#[test]
fn the_configuration_on_the_page_is_read() {
    let page = std::fs::read_to_string(root().join("docs/GATE.md")).expect("the page is there");
    let block = blocks(&page).into_iter().find(|block| block.info == "toml").expect("a configuration");
    let configured = Crate::new("configured");
    configured.write("src/lib.rs", "");
    configured.write(".config/gorace.toml", &block.lines.join("\n"));
    let shown = run(&mut configured.gorace(&["config", "show", "-P", "nightly"]));
    assert_eq!(shown.code, Some(0), "{shown:?}");
    for line in ["max-executions    1000000", "require-complete  true", "allow GR0001 in = \"src/stats.rs\""]
    {
        assert!(shown.stdout.contains(line), "{line}: {}", shown.stdout);
    }
}
