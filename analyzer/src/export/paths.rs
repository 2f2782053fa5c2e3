//! Where a source file is, as tools want it: from the repository's root on.
//!
//! The compiler names files from the workspace's root, and hosts of repositories from the repository's; the two differ
//! where the workspace is a folder of a larger repository.

use std::path::{Component, Path, PathBuf};

/// How files are named.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Paths {
    repository: PathBuf,
    /// The workspace's folder from the repository's root on; empty if they are one.
    prefix: PathBuf,
}

impl Paths {
    /// For a workspace in a repository; both absolute. A workspace outside of the repository is its own.
    pub fn new(repository: &Path, workspace: &Path) -> Self {
        match workspace.strip_prefix(repository) {
            Ok(prefix) => Paths { repository: repository.to_owned(), prefix: prefix.to_owned() },
            Err(_) => Paths { repository: workspace.to_owned(), prefix: PathBuf::new() },
        }
    }

    /// `file` as the compiler named it, from the repository's root on, with `/` between folders; absolute if it is
    /// outside.
    ///
    /// ```
    /// use gorace_analyzer::export::Paths;
    /// use std::path::Path;
    /// let paths = Paths::new(Path::new("/repo"), Path::new("/repo/rust"));
    /// assert_eq!(paths.file("src/lib.rs"), "rust/src/lib.rs");
    /// assert_eq!(paths.file("/repo/other/src/lib.rs"), "other/src/lib.rs");
    /// assert_eq!(paths.file("/elsewhere/lib.rs"), "/elsewhere/lib.rs");
    /// ```
    pub fn file(&self, file: &str) -> String {
        let path = self.prefix.join(file);
        let path = path.strip_prefix(&self.repository).unwrap_or(&path);
        let mut parts: Vec<String> = Vec::new();
        for component in path.components() {
            match component {
                Component::Normal(part) => parts.push(part.to_string_lossy().into_owned()),
                Component::ParentDir => {
                    // Members may stand beside the workspace: `../shared/src/lib.rs`.
                    if parts.last().is_none_or(|last| last == "..") {
                        parts.push("..".to_owned());
                    } else {
                        parts.pop();
                    }
                }
                Component::RootDir => parts.push(String::new()),
                Component::Prefix(prefix) => parts.push(prefix.as_os_str().to_string_lossy().into_owned()),
                Component::CurDir => {}
            }
        }
        parts.join("/")
    }
}
