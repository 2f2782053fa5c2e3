//! Code addresses in the user's terms: file, line, column, function; inlined calls too.

use crate::Exit;
use crate::error::{CliError, Outcome};
use addr2line::Loader;
use gorace_inject::wire::c_calls;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// One call, as it stands in the source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Call {
    /// The function's path, without hash and type arguments.
    pub function: String,
    /// Relative to the workspace if it is there.
    pub file: String,
    pub line: u32,
    pub column: u32,
    /// Whose code it is.
    pub whose: Whose,
}

/// Whose code a call is in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Whose {
    /// The workspace's.
    User,
    /// A dependency's.
    Dependency,
    /// The standard library's, or code before main.
    Std,
}

/// An executable's debug information.
pub struct Symbols {
    loader: Loader,
    root: PathBuf,
    /// Whether the user's files keep their whole paths: reports are drawn from another folder.
    whole: bool,
    known: HashMap<u64, Rc<[Call]>>,
}

impl Symbols {
    /// Reads the executable's; `root` is the workspace. Files keep their `whole` paths, or are named relative to it.
    ///
    /// # Errors
    /// If it has none that can be read.
    pub fn load(executable: &Path, root: &Path, whole: bool) -> Outcome<Self> {
        let loader = Loader::new(executable).map_err(|error| {
            CliError::new(
                Exit::Internal,
                format!("cannot read the symbols of {}: {error}", executable.display()),
            )
        })?;
        Ok(Symbols { loader, root: root.to_owned(), whole, known: HashMap::new() })
    }

    /// A stack as calls, innermost first.
    pub fn stack(&mut self, pcs: &[u64]) -> Vec<Call> {
        pcs.iter().flat_map(|pc| self.calls(*pc).iter().cloned().collect::<Vec<_>>()).collect()
    }

    /// The calls that one return address is in: several if some were inlined.
    fn calls(&mut self, pc: u64) -> Rc<[Call]> {
        if let Some(known) = self.known.get(&pc) {
            return known.clone();
        }
        // The address that follows the call may belong to the next line already.
        let found =
            Self::of_c(pc).unwrap_or_else(|| self.find(pc.saturating_sub(1)).unwrap_or_default().into());
        self.known.insert(pc, found.clone());
        found
    }

    /// The C library's functions that a number in place of an address stands for.
    fn of_c(pc: u64) -> Option<Rc<[Call]>> {
        let call = |function: &&str| Call {
            function: (*function).to_owned(),
            file: "libc".to_owned(),
            line: 0,
            column: 0,
            whose: Whose::Std,
        };
        Some(c_calls(pc)?.iter().map(call).collect())
    }

    fn find(&self, address: u64) -> Option<Vec<Call>> {
        let mut frames = self.loader.find_frames(address).ok()?;
        let mut calls = Vec::new();
        while let Ok(Some(frame)) = frames.next() {
            let name = frame.function.as_ref().and_then(|name| name.raw_name().ok());
            let name = name.map(|name| plain(&format!("{:#}", rustc_demangle::demangle(&name))));
            let Some(location) = frame.location else { continue };
            let file = location.file.unwrap_or_default();
            let (file, whose) = self.place(file, name.as_deref().unwrap_or_default());
            calls.push(Call {
                function: name.unwrap_or_default(),
                file,
                line: location.line.unwrap_or(0),
                column: location.column.unwrap_or(0),
                whose,
            });
        }
        Some(calls)
    }

    /// The symbol that begins at, or holds, an address of data or code.
    pub fn symbol(&self, address: u64) -> Option<String> {
        let name = self.loader.find_symbol(address)?;
        Some(plain(&format!("{:#}", rustc_demangle::demangle(name))))
    }

    fn place(&self, file: &str, function: &str) -> (String, Whose) {
        if file.starts_with("/rustc/")
            || file.contains("/rustlib/src/rust/library/")
            || function.starts_with("std::rt::")
        {
            return (file.to_owned(), Whose::Std);
        }
        match Path::new(file).strip_prefix(&self.root) {
            Ok(inside) if !file.contains("/.cargo/registry/") && !inside.starts_with("vendor") => {
                let named = if self.whole { file.to_owned() } else { inside.display().to_string() };
                (named, Whose::User)
            }
            _ if file.starts_with('/') => (file.to_owned(), Whose::Dependency),
            _ => (file.to_owned(), Whose::User),
        }
    }
}

/// A path without type arguments: `<std::sync::Mutex<T>>::lock` as `std::sync::Mutex::lock`.
fn plain(name: &str) -> String {
    let mut plain = String::new();
    let mut depth = 0_u32;
    let mut before = ' ';
    for c in name.chars() {
        match c {
            // The arrow of a function's type closes nothing.
            '>' if before == '-' => {}
            // At the beginning it stands around a type, not behind one.
            '<' if plain.is_empty() && depth == 0 => {}
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            c if depth == 0 => plain.push(c),
            _ => {}
        }
        before = c;
    }
    plain.replace("::::", "::").trim_end_matches("::").to_owned()
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn type_arguments_are_left_out() {
        assert_eq!(
            plain("<std::sync::poison::mutex::Mutex<i32>>::lock"),
            "std::sync::poison::mutex::Mutex::lock"
        );
        assert_eq!(plain("std::sync::mpsc::Sender<T>::send"), "std::sync::mpsc::Sender::send");
        let drop = "<std::sync::poison::mutex::MutexGuard<i32> as core::ops::drop::Drop>::drop";
        assert_eq!(plain(drop), "std::sync::poison::mutex::MutexGuard as core::ops::drop::Drop::drop");
        assert_eq!(plain("core::ptr::drop_in_place::<alloc::vec::Vec<u8>>"), "core::ptr::drop_in_place");
    }
}
