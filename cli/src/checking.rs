//! How a build gets gorace's feature `check`: by its local name in each package that depends on it.
//!
//! A package may reach gorace through other members of the workspace alone. Cargo takes a dependency's feature only
//! for packages that are selected, so those members are selected beside it.

use crate::Exit;
use crate::cargo::{Workspace, text};
use crate::error::{CliError, Outcome};
use serde_json::Value;
use std::ffi::OsString;

const GORACE: &str = "gorace";

/// What turns checking on.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Checking {
    /// The members to be selected beside the package.
    pub through: Vec<String>,
    /// `gorace/check`, by each name that gorace has.
    features: Vec<String>,
}

impl Checking {
    /// Cargo's flags for it, the package's own selection left out.
    pub fn flags(&self) -> Vec<OsString> {
        let selected = self.through.iter().flat_map(|member| ["-p", member]);
        let features = self.features.iter().flat_map(|feature| ["--features", feature]);
        selected.chain(features).map(OsString::from).collect()
    }

    fn add_feature(&mut self, name: String) {
        let feature = format!("{name}/check");
        if !self.features.contains(&feature) {
            self.features.push(feature);
        }
    }
}

impl Workspace {
    /// How to turn checking on in `package`.
    ///
    /// # Errors
    /// If it does not depend on gorace, by itself or through members of the workspace.
    pub fn checking(&self, package: &str) -> Outcome<Checking> {
        let mut checking = Checking::default();
        if let Some(name) = self.gorace_name(package) {
            checking.add_feature(name);
            return Ok(checking);
        }
        let mut reached = vec![package.to_owned()];
        let mut at = 0;
        while let Some(member) = reached.get(at).cloned() {
            at += 1;
            for name in self.dependencies(&member) {
                if self.packages.iter().any(|other| text(&other["name"]) == name) && !reached.contains(&name)
                {
                    reached.push(name);
                }
            }
        }
        for member in &reached[1..] {
            if let Some(name) = self.gorace_name(member) {
                checking.through.push(member.clone());
                checking.add_feature(name);
            }
        }
        if checking.features.is_empty() {
            return Err(CliError::new(Exit::Nothing, format!("`{package}` does not depend on gorace"))
                .hint("add it: cargo add gorace, then put #[gorace::main] above main")
                .hint("programs that never heard of gorace run on x86_64-unknown-linux-gnu only"));
        }
        Ok(checking)
    }

    /// Whether a package depends on gorace, by itself or through members of the workspace.
    pub fn uses_gorace(&self, package: &str) -> bool {
        self.checking(package).is_ok()
    }

    /// The features that turn checking on in all selected packages that depend on gorace by themselves.
    pub fn checking_of_all(&self, packages: &[&Value]) -> Checking {
        let mut checking = Checking::default();
        let names = packages.iter().filter_map(|package| self.gorace_name(&text(&package["name"])));
        names.for_each(|name| checking.add_feature(name));
        checking
    }

    fn dependencies(&self, package: &str) -> Vec<String> {
        let package = self.packages.iter().find(|other| text(&other["name"]) == package);
        let dependencies = package.and_then(|package| package["dependencies"].as_array());
        dependencies.into_iter().flatten().map(|dependency| text(&dependency["name"])).collect()
    }

    fn gorace_name(&self, package: &str) -> Option<String> {
        let package = self.packages.iter().find(|other| text(&other["name"]) == package)?;
        let dependency =
            package["dependencies"].as_array()?.iter().find(|dep| text(&dep["name"]) == GORACE)?;
        Some(dependency["rename"].as_str().unwrap_or(GORACE).to_owned())
    }
}
