//! Source files as a process finds them.

use super::Sources;
use gorace_analyzer_core::Listed;
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// How a file is read; `None` if it cannot be.
pub type Read = fn(&Path) -> Option<String>;

/// Files that are looked for as the compiler named them, and below the package or one of the folders above it,
/// since the compiler names them relative to the workspace. Each is read once; reading is the caller's.
#[derive(Debug)]
pub struct Files {
    roots: Vec<PathBuf>,
    read: Read,
    /// A report names a handful of files.
    known: RefCell<Vec<(String, Option<Rc<str>>)>>,
}

impl Files {
    /// The files of the package in `manifest_dir`, which may be empty if nobody knows it.
    pub fn new(manifest_dir: &str, read: Read) -> Self {
        let folders = Path::new(manifest_dir).ancestors().take(if manifest_dir.is_empty() { 0 } else { 4 });
        let roots = folders.map(Path::to_owned).chain([PathBuf::new()]).listed();
        Files { roots, read, known: RefCell::default() }
    }
}

impl Sources for Files {
    fn text(&self, file: &str) -> Option<Rc<str>> {
        if let Some((_, text)) = self.known.borrow().iter().find(|(known, _)| known == file) {
            return text.clone();
        }
        let text: Option<Rc<str>> =
            self.roots.iter().find_map(|root| (self.read)(&root.join(file))).map(Rc::from);
        self.known.borrow_mut().push((file.to_owned(), text.clone()));
        text
    }
}
