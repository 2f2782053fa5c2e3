//! What a shard says of itself: which part it is, of which program, explored how.
//!
//! Grammar, lines of text: `gorace-shard 1`, `part 1/4`, `gorace VERSION`, `source HASH` (FNV-1a over the names and
//! texts of all Rust sources, manifests and lock files of the workspace), and `setting NAME VALUE` for each setting on which the result depends and
//! that somebody set.

use super::Part;
use crate::Exit;
use crate::error::{CliError, Outcome};
use gorace_analyzer::finding::{FNV_START, fnv};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

const FIRST_LINE: &str = "gorace-shard 1";

/// The settings on which the result depends.
const SETTINGS: &[&str] = &[
    "GORACE_STRATEGY",
    "GORACE_SEED",
    "GORACE_MAX_EXECUTIONS",
    "GORACE_MAX_PREEMPTIONS",
    "GORACE_MAX_STEPS",
    "GORACE_CLOCK",
    "GORACE_SPURIOUS",
    "GORACE_KEEP_GOING",
];

/// A text is no manifest, from this line on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Misread {
    /// Counted from 1.
    line: usize,
    expected: &'static str,
    found: String,
}

impl fmt::Display for Misread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Misread { line, expected, found } = self;
        write!(f, "line {line}: expected {expected}, got {found:?}")
    }
}

/// See the module.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Manifest {
    pub part: Part,
    version: String,
    source: u64,
    settings: Vec<(String, String)>,
}

impl Manifest {
    /// Of this process: `root` is the workspace's, and `get` gives what a check will find in a variable.
    pub fn of(part: Part, root: &Path, get: &dyn Fn(&str) -> Option<String>) -> Self {
        let settings = SETTINGS.iter().filter_map(|name| Some(((*name).to_owned(), get(name)?)));
        Manifest {
            part,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            source: source(root),
            settings: settings.collect(),
        }
    }

    /// Reads one.
    ///
    /// # Errors
    /// If it is none, or one of another version of the format.
    pub fn parse(text: &str) -> Result<Self, Misread> {
        let mut lines = text.lines().zip(1..);
        let mut line = |expected: &'static str, word: &str| {
            let (line, at) = lines.next().unwrap_or(("", text.lines().count() + 1));
            let misread = Misread { line: at, expected, found: line.chars().take(40).collect() };
            line.strip_prefix(word).map(|rest| (rest, misread.clone())).ok_or(misread)
        };
        let (rest, misread) = line("`gorace-shard 1`", FIRST_LINE)?;
        if !rest.is_empty() {
            return Err(misread);
        }
        let (part, misread) = line("`part` and the part, such as `part 1/4`", "part ")?;
        let part = Part::parse(part).ok_or(misread)?;
        let (version, _) = line("`gorace` and a version", "gorace ")?;
        let version = version.to_owned();
        let (source, misread) = line("`source` and a hash of 16 digits", "source ")?;
        let source = u64::from_str_radix(source, 16).map_err(|_| misread)?;
        let mut settings = Vec::new();
        for (line, at) in lines {
            let setting = line.strip_prefix("setting ").and_then(|setting| setting.split_once(' '));
            let found = line.chars().take(40).collect();
            let misread = Misread { line: at, expected: "`setting`, a name and a value", found };
            let (name, value) = setting.ok_or(misread)?;
            settings.push((name.to_owned(), value.to_owned()));
        }
        Ok(Manifest { part, version, source, settings })
    }

    /// Why the other one is no part of the same, if it is not.
    fn differs(&self, other: &Manifest) -> Option<String> {
        if self.version != other.version {
            return Some(format!("it is of gorace {}, and this one of {}", other.version, self.version));
        }
        if self.source != other.source {
            return Some(
                "it is of another program, or of another version of it: the sources differ".to_owned(),
            );
        }
        let of = |manifest: &Manifest, name: &str| {
            let found = manifest.settings.iter().find(|(other, _)| other == name);
            found.map_or_else(|| "the usual".to_owned(), |(_, value)| value.clone())
        };
        let different = SETTINGS.iter().find(|name| of(self, name) != of(other, name));
        different.map(|name| {
            format!("it was run with {name} {}, and this one with {}", of(other, name), of(self, name))
        })
    }
}

impl fmt::Display for Manifest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Manifest { part, version, source, settings } = self;
        writeln!(f, "{FIRST_LINE}\npart {part}\ngorace {version}\nsource {source:016x}")?;
        settings.iter().try_for_each(|(name, value)| {
            writeln!(f, "setting {name} {}", value.replace(char::is_control, " "))
        })
    }
}

/// The workspace's sources.
fn source(root: &Path) -> u64 {
    let mut files: Vec<(String, PathBuf)> = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                if !name.starts_with('.') && !path.join("CACHEDIR.TAG").is_file() {
                    folders.push(path);
                }
            } else if name.ends_with(".rs") || name == "Cargo.toml" || name == "Cargo.lock" {
                let within = path.strip_prefix(root).unwrap_or(&path);
                files.push((within.to_string_lossy().replace('\\', "/"), path));
            }
        }
    }
    files.sort();
    files.into_iter().fold(FNV_START, |hash, (name, path)| {
        fnv(fnv(hash, name.as_bytes()), &fs::read(path).unwrap_or_default())
    })
}

/// Whether these are all parts of one run, each once.
///
/// # Errors
/// If one is missing, there twice, or of something else.
pub fn all_fit(parts: &[(PathBuf, Option<Manifest>)]) -> Outcome<()> {
    let shards: Vec<(&Path, &Manifest)> =
        parts.iter().filter_map(|(folder, manifest)| Some((folder.as_path(), manifest.as_ref()?))).collect();
    let Some(((first, one), others)) = shards.split_first() else { return Ok(()) };
    for (folder, other) in others {
        if let Some(why) = one.differs(other) {
            let message = format!("{} does not belong to {}: {why}", folder.display(), first.display());
            return Err(CliError::new(Exit::Diverged, message).hint("run all parts alike, of one version"));
        }
    }
    let of = shards.iter().map(|(_, manifest)| manifest.part.of).max().unwrap_or(0);
    for index in 1..=of {
        let part = Part { index, of };
        let mut places = shards.iter().filter(|(_, manifest)| manifest.part == part);
        match (places.next(), places.next()) {
            (Some(_), None) => {}
            (Some((one, _)), Some((other, _))) => {
                let (one, other) = (one.display(), other.display());
                let message = format!("the part {part} is there twice: in {one} and in {other}");
                return Err(CliError::new(Exit::Diverged, message));
            }
            (None, _) => {
                let message = format!("the part {part} is missing, or was run with another number of parts");
                return Err(CliError::new(Exit::Nothing, message));
            }
        }
    }
    if let Some((folder, manifest)) = shards.iter().find(|(_, manifest)| manifest.part.of != of) {
        let message = format!("{} is the part {}, and others are of {of}", folder.display(), manifest.part);
        return Err(CliError::new(Exit::Diverged, message));
    }
    match parts.iter().find(|(_, manifest)| manifest.is_none()) {
        Some((folder, _)) => {
            let message = format!("{} is no part, and the others are", folder.display());
            Err(CliError::new(Exit::Diverged, message))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(part: &str) -> Manifest {
        let settings = vec![("GORACE_SEED".to_owned(), "7".to_owned())];
        Manifest {
            part: Part::parse(part).expect("a part"),
            version: "1.0.0".to_owned(),
            source: 5,
            settings,
        }
    }

    #[test]
    fn it_is_read_as_it_was_written() {
        let manifest = manifest("2/3");
        assert_eq!(Manifest::parse(&manifest.to_string()), Ok(manifest));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let text = manifest("2/3").to_string();
        let misread = |text: &str| Manifest::parse(text).expect_err("damaged").to_string();
        let lines: Vec<&str> = text.lines().collect();
        for at in 0..lines.len() {
            let mut damaged = lines.clone();
            damaged[at] = "nonsense";
            let said = misread(&damaged.join("\n"));
            assert!(said.starts_with(&format!("line {}: expected `", at + 1)), "{said}");
            assert!(said.ends_with("got \"nonsense\""), "{said}");
        }
        let newer = text.replacen("gorace-shard 1", "gorace-shard 2", 1);
        assert_eq!(misread(&newer), "line 1: expected `gorace-shard 1`, got \"gorace-shard 2\"");
        assert_eq!(misread(lines[0]), "line 2: expected `part` and the part, such as `part 1/4`, got \"\"");
    }

    #[test]
    fn damaged_ones_are_read_without_a_panic() {
        crate::damage::each(&manifest("2/3").to_string(), |text| drop(Manifest::parse(text)));
    }

    fn fit(parts: &[Manifest]) -> Result<(), String> {
        let parts: Vec<_> = parts
            .iter()
            .enumerate()
            .map(|(at, manifest)| (PathBuf::from(format!("p{at}")), Some(manifest.clone())))
            .collect();
        all_fit(&parts).map_err(|error| error.to_string().lines().next().unwrap_or_default().to_owned())
    }

    #[test]
    fn what_does_not_belong_together_is_refused_by_name() {
        assert_eq!(fit(&[manifest("1/2"), manifest("2/2")]), Ok(()));
        for (parts, words) in [
            (vec![manifest("1/2")], "the part 2/2 is missing, or was run with another number of parts"),
            (
                vec![manifest("1/2"), manifest("1/2"), manifest("2/2")],
                "the part 1/2 is there twice: in p0 and in p1",
            ),
            (
                vec![manifest("1/2"), manifest("2/2"), manifest("1/1")],
                "p2 is the part 1/1, and others are of 2",
            ),
            (
                vec![manifest("1/2"), Manifest { version: "1.1.0".to_owned(), ..manifest("2/2") }],
                "p1 does not belong to p0: it is of gorace 1.1.0, and this one of 1.0.0",
            ),
            (
                vec![manifest("1/2"), Manifest { source: 6, ..manifest("2/2") }],
                "p1 does not belong to p0: it is of another program, or of another version of it: the sources differ",
            ),
            (
                vec![manifest("1/2"), Manifest { settings: Vec::new(), ..manifest("2/2") }],
                "p1 does not belong to p0: it was run with GORACE_SEED the usual, and this one with 7",
            ),
        ] {
            assert_eq!(fit(&parts), Err(words.to_owned()));
        }
    }

    #[test]
    fn the_sources_are_those_of_the_workspace() {
        let folder = std::env::temp_dir().join(format!("gorace-sources-{}", std::process::id()));
        let write = |file: &str, text: &str| {
            let path = folder.join(file);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, text).expect("written");
        };
        write("src/lib.rs", "fn a() {}");
        let first = source(&folder);
        write("target/CACHEDIR.TAG", "");
        write("target/x.rs", "made");
        write("notes.md", "words");
        assert_eq!(source(&folder), first);
        write("src/lib.rs", "fn b() {}");
        assert_ne!(source(&folder), first);
        fs::remove_dir_all(folder).expect("removed");
    }
}
