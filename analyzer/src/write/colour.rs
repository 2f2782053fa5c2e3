//! The one decision about colour. Pure: the caller brings the environment.

/// What the user asked for, by flag or `GORACE_COLOR`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Choice {
    /// Decide by the environment and the stream.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Whether to colour: the choice, else `NO_COLOR`, `CLICOLOR_FORCE`, `TERM=dumb`, `CLICOLOR=0`, a terminal,
/// `GITHUB_ACTIONS`, in this order.
///
/// ```
/// use gorace_analyzer::write::colour::{Choice, decide};
/// let no_color = |name: &str| (name == "NO_COLOR").then(|| "1".to_owned());
/// assert!(!decide(Choice::Auto, &no_color, true));
/// assert!(decide(Choice::Always, &no_color, false));
/// ```
pub fn decide(choice: Choice, variable: &dyn Fn(&str) -> Option<String>, is_terminal: bool) -> bool {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    match choice {
        Choice::Always => true,
        Choice::Never => false,
        Choice::Auto if set("NO_COLOR").is_some() => false,
        Choice::Auto if set("CLICOLOR_FORCE").is_some_and(|value| value != "0") => true,
        Choice::Auto if set("TERM").is_some_and(|value| value == "dumb") => false,
        Choice::Auto if set("CLICOLOR").is_some_and(|value| value == "0") => false,
        Choice::Auto => is_terminal || set("GITHUB_ACTIONS").is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Choice, decide};

    #[test]
    fn the_order_holds() {
        let with = |pairs: &'static [(&str, &str)]| {
            move |name: &str| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned())
        };
        for (pairs, terminal, colour) in [
            (&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")][..], true, false),
            (&[("NO_COLOR", ""), ("CLICOLOR_FORCE", "1")][..], false, true),
            (&[("CLICOLOR_FORCE", "0")][..], false, false),
            (&[("TERM", "dumb")][..], true, false),
            (&[("CLICOLOR", "0")][..], true, false),
            (&[][..], true, true),
            (&[][..], false, false),
            (&[("GITHUB_ACTIONS", "true")][..], false, true),
        ] {
            assert_eq!(decide(Choice::Auto, &with(pairs), terminal), colour, "{pairs:?}");
        }
    }
}
