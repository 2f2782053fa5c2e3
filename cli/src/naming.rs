//! What a test is called in a line of its own: its title, which packages of a workspace may share, and then its package
//! before it.

use gorace_analyzer::record::{Program, RunResult};
use std::borrow::Cow;

/// See the module.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Naming {
    Title,
    WithPackage,
}

impl Naming {
    /// How these are named beside each other.
    pub fn of(results: &[RunResult]) -> Self {
        Naming::of_packages(results.iter().map(|result| result.program.package.as_str()))
    }

    /// How programs of these packages are named beside each other.
    pub fn of_packages<'p>(mut packages: impl Iterator<Item = &'p str>) -> Self {
        let first = packages.next();
        if packages.any(|other| Some(other) != first) { Naming::WithPackage } else { Naming::Title }
    }

    /// What it is called.
    pub fn name(self, program: &Program) -> Cow<'_, str> {
        match self {
            Naming::Title => program.title().into(),
            Naming::WithPackage => format!("{} {}", program.package, program.title()).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_is_named_where_there_are_several() {
        let program = Program {
            package: "log".to_owned(),
            test: Some("tests::reads".to_owned()),
            ..Program::default()
        };
        for (packages, name) in [
            (&["log"][..], "tests::reads"),
            (&["log", "log"], "tests::reads"),
            (&["log", "net"], "log tests::reads"),
            (&["log", "log", "net"], "log tests::reads"),
            (&[], "tests::reads"),
        ] {
            assert_eq!(Naming::of_packages(packages.iter().copied()).name(&program), name, "{packages:?}");
        }
    }
}
