//! What a command begins with: the workspace, its configuration, and the profile that holds.

use crate::args::Configured;
use crate::cargo::Workspace;
use crate::config::{Config, Effective};
use crate::error::Outcome;
use crate::gate::Regressions;
use crate::reports::{self, Wanted};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// See the module.
pub struct Setup {
    pub workspace: Workspace,
    pub config: Config,
    pub effective: Effective,
}

/// What the profile says to checks, for a command that takes no flags about it: a schedule is run again under the settings
/// that it was found under.
///
/// # Errors
/// As [`Setup::of`].
pub fn defaults(manifest_path: Option<&Path>, configured: &Configured) -> Outcome<Vec<(String, OsString)>> {
    Ok(Setup::of(manifest_path, configured, "default")?.effective.variables())
}

impl Configured {
    /// What the environment says.
    pub fn from_environment() -> Self {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        Configured {
            config_profile: variable("GORACE_PROFILE"),
            config_file: variable("GORACE_CONFIG_FILE").map(PathBuf::from),
        }
    }
}

impl Setup {
    /// Reads the configuration; `usual` is the profile where none is named.
    ///
    /// # Errors
    /// If there is no workspace, or the configuration is not what it should be.
    pub fn of(manifest_path: Option<&Path>, configured: &Configured, usual: &str) -> Outcome<Self> {
        let workspace = Workspace::load(manifest_path)?;
        let config = Config::load(&workspace.root, configured.config_file.as_deref())?;
        let effective = config.effective(configured.config_profile.as_deref().unwrap_or(usual))?;
        Ok(Setup { workspace, config, effective })
    }

    /// A path that the configuration names, which is from the workspace's root on.
    pub fn path(&self, key: &str) -> PathBuf {
        self.workspace.root.join(self.effective.text(key))
    }

    /// The failing schedules that are kept.
    ///
    /// # Errors
    /// If one of their files is not what it should be.
    pub fn regressions(&self) -> Outcome<Regressions> {
        let folder = Some(self.path("regressions")).filter(|_| self.effective.text("regressions") != "none");
        Regressions::load(folder.as_deref())
    }

    /// The files that flags or the configuration ask for.
    pub fn reports(&self, flags: &[Wanted]) -> Vec<Wanted> {
        if !flags.is_empty() {
            return flags.to_vec();
        }
        let names = self.effective.text("report").split(',').filter(|name| !name.is_empty());
        // They were checked when they were read.
        let mut wanted: Vec<Wanted> = names.filter_map(|name| reports::wanted(name).ok()).collect();
        if self.effective.is_of_profile("report") {
            for file in wanted.iter_mut().filter_map(|wanted| wanted.path.as_mut()) {
                *file = self.workspace.root.join(&file);
            }
        }
        wanted
    }
}
