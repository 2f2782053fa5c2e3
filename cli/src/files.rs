//! Source files as the CLI finds them: as the compiler named them, or below the package or one of the folders
//! above it, since the compiler names them relative to the workspace.

use gorace_analyzer::source::Sources;
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// See the module.
pub struct Files {
    roots: Vec<PathBuf>,
    read: RefCell<HashMap<String, Option<Rc<str>>>>,
}

impl Files {
    pub fn new(manifest_dir: &str) -> Self {
        let ancestors = Path::new(manifest_dir).ancestors().take(4).map(Path::to_owned);
        Files { roots: ancestors.chain([PathBuf::new()]).collect(), read: RefCell::default() }
    }
}

impl Sources for Files {
    fn text(&self, file: &str) -> Option<Rc<str>> {
        let read = |root: &PathBuf| std::fs::read_to_string(root.join(file)).ok();
        let mut known = self.read.borrow_mut();
        known.entry(file.to_owned()).or_insert_with(|| self.roots.iter().find_map(read).map(Rc::from)).clone()
    }
}
