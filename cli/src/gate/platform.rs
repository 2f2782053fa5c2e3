//! Which CI this is, and what it wants to read: told by the variables that each documents as always set.

use crate::reports::Format;

/// A platform.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Platform {
    Github,
    Gitlab,
    Jenkins,
    /// Another one, or somebody's own machine.
    Other,
}

impl Platform {
    /// The one that these variables tell of.
    pub fn detect(variable: &dyn Fn(&str) -> Option<String>) -> Self {
        let is_true = |name: &str| variable(name).is_some_and(|value| value == "true");
        if is_true("GITHUB_ACTIONS") {
            Platform::Github
        } else if is_true("GITLAB_CI") {
            Platform::Gitlab
        } else if variable("JENKINS_URL").is_some_and(|value| !value.is_empty()) {
            Platform::Jenkins
        } else {
            Platform::Other
        }
    }

    /// The files that it reads.
    pub fn formats(self) -> &'static [Format] {
        match self {
            Platform::Github | Platform::Other => &[Format::Junit, Format::Sarif],
            Platform::Gitlab => &[Format::Junit, Format::Gitlab],
            // Its plugin "Warnings" reads SARIF.
            Platform::Jenkins => &[Format::Junit, Format::Sarif],
        }
    }
}
