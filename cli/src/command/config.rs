//! `gorace config show`.

use crate::Exit;
use crate::args::{ConfigCommand, ConfigShow};
use crate::config::Origin;
use crate::error::Outcome;
use crate::print::put;
use crate::setup::Setup;

/// See the module.
pub fn config(command: &ConfigCommand) -> Outcome {
    let ConfigCommand::Show(args) = command;
    show(args)
}

/// Each key with its value, who said it and what it means; then the rules.
fn show(args: &ConfigShow) -> Outcome {
    let setup = Setup::of(args.select.manifest_path.as_deref(), &args.configured, "default")?;
    let file = setup.config.path.as_ref().map_or_else(
        || "none (.config/gorace.toml or gorace.toml would be read)".to_owned(),
        |path| path.display().to_string(),
    );
    put(format!("file: {file}\nprofile: {}\n\n", setup.effective.name).as_bytes());
    for (key, text, origin) in &setup.effective.values {
        let text = if text.is_empty() { "none" } else { text };
        let below = if key.is_for_checks && !matches!(origin, Origin::Environment(_)) {
            " (a test's attribute wins)"
        } else {
            ""
        };
        put(format!("{:<17} {text:<32} {origin}{below}\n{:17} {}\n", key.name, "", key.meaning).as_bytes());
    }
    for rule in &setup.config.rules {
        put(format!("\nallow {}\n{:17} because: {}\n", rule.words(), "", rule.reason).as_bytes());
    }
    Ok(Exit::Clean)
}
