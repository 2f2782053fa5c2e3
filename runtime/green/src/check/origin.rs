//! Where the checked program was built: backtraces name files from the root of the file system, or from the current folder
//! where they are below it; a `Location` names them as cargo gave them to the compiler, from the workspace's root. They are
//! to be one file.
//!
//! The root is not written down anywhere. It is above the package, and the file that the check stands in, whose `Location`
//! is known, is there. Files outside of it have absolute names in both.

use gorace_analyzer::finding::fnv;
use std::path::{MAIN_SEPARATOR_STR, Path, PathBuf};

/// See the module.
#[derive(Clone, Default, Debug)]
pub(crate) struct Origin {
    manifest_dir: PathBuf,
    /// The source file that the check is written in, as the compiler saw it.
    source: &'static str,
}

impl Origin {
    pub fn new(manifest_dir: &str, source: &'static str) -> Self {
        Origin { manifest_dir: PathBuf::from(manifest_dir), source }
    }

    /// A hash of it, and of what was hashed before.
    pub fn hash(&self, before: u64) -> u64 {
        fnv(fnv(before, self.manifest_dir.as_os_str().as_encoded_bytes()), self.source.as_bytes())
    }

    /// The name that a `Location` in a file has which is `named` so by std's backtraces.
    pub fn name(&self, named: &str) -> String {
        let (dot, separator) = (named.strip_prefix('.'), MAIN_SEPARATOR_STR);
        let below_here = dot.and_then(|rest| rest.strip_prefix(separator));
        let here = below_here.and_then(|below| Some(std::env::current_dir().ok()?.join(below)));
        // One that the compiler was told to name so may begin with a point, too.
        let absolute = here.filter(|file| file.is_file()).unwrap_or_else(|| PathBuf::from(named));
        let root = self.root();
        // The compiler names folders without symbolic links.
        let real = root.as_ref().and_then(|root| root.canonicalize().ok());
        let below = [root, real]
            .into_iter()
            .flatten()
            .find_map(|root| absolute.strip_prefix(root).ok().and_then(Path::to_str).map(str::to_owned));
        below.unwrap_or_else(|| below_here.unwrap_or(named).to_owned())
    }

    /// The workspace's root, as far as that can be told.
    fn root(&self) -> Option<PathBuf> {
        let source = Path::new(self.source);
        if self.source.is_empty() || source.is_absolute() || !self.manifest_dir.is_absolute() {
            return None;
        }
        let above = || self.manifest_dir.ancestors();
        // Where the sources are not at hand, the package's folder is at the beginning of the file's name.
        let names_it =
            |root: &&Path| self.manifest_dir.strip_prefix(root).is_ok_and(|rest| source.starts_with(rest));
        let root =
            above().find(|root| root.join(source).is_file()).or_else(|| above().filter(names_it).last());
        root.map(Path::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::Origin;

    /// This package, as cargo builds it: from the root of the workspace, two folders up.
    fn own() -> Origin {
        Origin::new(env!("CARGO_MANIFEST_DIR"), file!())
    }

    #[test]
    fn a_file_is_named_as_the_compiler_names_it() {
        let absolute = concat!(env!("CARGO_MANIFEST_DIR"), "/src/check/origin.rs");
        assert_eq!(own().name(absolute), file!());
        // Tests run in their package's folder.
        assert_eq!(own().name("./src/check/origin.rs"), file!());
    }

    #[test]
    fn what_is_outside_of_the_workspace_stays_absolute() {
        for other in ["/registry/src/lru-1.0.0/src/lib.rs", "/rustc/0/library/core/src/ops/function.rs"] {
            assert_eq!(own().name(other), other);
        }
    }

    #[test]
    fn without_the_sources_the_packages_folder_is_found_in_the_name() {
        let moved = Origin::new("/gone/elsewhere/member", "member/tests/places.rs");
        assert_eq!(moved.name("/gone/elsewhere/member/tests/places.rs"), "member/tests/places.rs");
        assert_eq!(moved.name("/gone/elsewhere/other/src/lib.rs"), "other/src/lib.rs");
        let alone = Origin::new("/gone/alone", "tests/places.rs");
        assert_eq!(alone.name("/gone/alone/src/lib.rs"), "src/lib.rs");
    }

    #[test]
    fn where_nothing_is_known_names_stay() {
        assert_eq!(Origin::default().name("./src/bank.rs"), "src/bank.rs");
        assert_eq!(Origin::default().name("/x/src/bank.rs"), "/x/src/bank.rs");
    }
}
