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

    /// The files that it reads, and a page for people.
    pub fn formats(self) -> &'static [Format] {
        match self {
            Platform::Github | Platform::Other => &[Format::Junit, Format::Sarif, Format::Html],
            Platform::Gitlab => &[Format::Junit, Format::Gitlab, Format::Html],
            // Its plugin "Warnings" reads SARIF.
            Platform::Jenkins => &[Format::Junit, Format::Sarif, Format::Html],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_platform_is_told_by_what_it_sets() {
        let detect = |pairs: &[(&str, &str)]| {
            Platform::detect(&|name| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))
        };
        assert_eq!(detect(&[("GITHUB_ACTIONS", "true")]), Platform::Github);
        assert_eq!(detect(&[("GITLAB_CI", "true")]), Platform::Gitlab);
        assert_eq!(detect(&[("JENKINS_URL", "https://ci.example/")]), Platform::Jenkins);
        assert_eq!(detect(&[("GITHUB_ACTIONS", "false"), ("CI", "true")]), Platform::Other);
        assert_eq!(detect(&[]), Platform::Other);
    }
}
