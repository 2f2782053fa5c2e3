//! The baseline: the findings that a team knows of, and the tests that are expected to run.
//!
//! A file to be committed, written by `gorace ci --write-baseline`: JSON, sorted, a finding or a test a line, so that a
//! change of it is read well. Findings are known by their fingerprints, so that it outlives line shifts; those that have
//! no place in the source are known by their test too.

use crate::Exit;
use crate::error::{CliError, Outcome};
use crate::gate::Ran;
use crate::print::sources;
use crate::reports::write_whole;
use gorace_analyzer::Code;
use gorace_analyzer::describe::{Site, sites};
use gorace_analyzer::record::{Program, Record};
use serde_json::{Value, json};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

const SCHEMA: u64 = 1;

/// See the module.
#[derive(Debug)]
pub struct Baseline {
    pub path: PathBuf,
    entries: Vec<Entry>,
    tests: Vec<String>,
}

/// One finding that is known.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Entry {
    code: Code,
    /// Where it is, for people.
    at: Vec<String>,
    fingerprint: String,
    test: String,
}

impl Entry {
    fn of(record: &Record) -> Self {
        let sites = sites(record, &sources(&record.program));
        Entry {
            code: record.finding.kind.code(),
            at: sites.iter().map(Site::to_string).collect(),
            fingerprint: record.fingerprint.to_string(),
            test: test_id(&record.program),
        }
    }

    fn is(&self, other: &Entry) -> bool {
        let same_test = !self.at.is_empty() || self.test == other.test;
        self.code == other.code && self.fingerprint == other.fingerprint && same_test
    }

    /// `GR0002 of bank::bank::transfer: src/lib.rs transfer lock a`.
    pub fn words(&self) -> String {
        format!("{} of {}: {}", self.code, self.test, self.at.join("; "))
    }
}

/// A test's name across packages and targets.
pub fn test_id(program: &Program) -> String {
    format!("{}::{}::{}", program.package, program.target, program.test.as_deref().unwrap_or(""))
}

impl Baseline {
    /// One that knows nothing.
    pub fn none() -> Self {
        Baseline { path: PathBuf::new(), entries: Vec::new(), tests: Vec::new() }
    }

    /// Reads it; an empty one if there is no file.
    ///
    /// # Errors
    /// If it is no whole baseline of this version.
    pub fn load(path: &Path) -> Outcome<Self> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Ok(Baseline { path: path.to_owned(), ..Baseline::none() });
            }
            Err(error) => {
                let message = format!("cannot read {}: {error}", path.display());
                return Err(CliError::new(Exit::BadConfiguration, message));
            }
        };
        read(path, &text).map_err(|what| {
            let message = format!("{} is no baseline: {what}", path.display());
            CliError::new(Exit::BadConfiguration, message)
                .hint("write it again: gorace ci --write-baseline, and look at the difference")
        })
    }

    /// What these findings and tests come to.
    pub fn of<'r>(path: &Path, findings: impl Iterator<Item = &'r Record>, ran: &Ran) -> Self {
        let mut baseline = Baseline {
            path: path.to_owned(),
            entries: findings.map(Entry::of).collect(),
            tests: ran.names(),
        };
        baseline.entries.sort();
        baseline.entries.dedup_by(|a, b| a.is(b));
        baseline
    }

    /// Whether a finding is in it.
    pub fn knows(&self, record: &Record) -> bool {
        let this = Entry::of(record);
        this.code != Code::NothingExplored && self.entries.iter().any(|entry| entry.is(&this))
    }

    /// The entries that none of these findings is.
    pub fn unused(&self, records: &[Record]) -> Vec<&Entry> {
        let found: Vec<Entry> = records.iter().map(Entry::of).collect();
        self.entries.iter().filter(|entry| !found.iter().any(|other| entry.is(other))).collect()
    }

    /// The tests that are expected, each as often as there are binaries that have it.
    pub fn tests(&self) -> &[String] {
        &self.tests
    }

    /// How many findings it has.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Writes it.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self) -> Outcome<()> {
        let entry = |entry: &Entry| {
            let Entry { code, at, fingerprint, test } = entry;
            json!({"code": code.code(), "at": at, "fingerprint": fingerprint, "test": test}).to_string()
        };
        let lines = |lines: Vec<String>| {
            if lines.is_empty() { String::new() } else { format!("\n{}\n", lines.join(",\n")) }
        };
        let findings = lines(self.entries.iter().map(entry).collect());
        let tests = lines(self.tests.iter().map(|test| Value::from(test.as_str()).to_string()).collect());
        let text = format!(
            "{{\n\"schema\": {SCHEMA},\n\"kind\": \"baseline\",\n\"findings\": [{findings}],\n\"tests\": [{tests}]\n}}\n"
        );
        write_whole(&self.path, text.as_bytes())
    }
}

fn read(path: &Path, text: &str) -> Result<Baseline, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    match value["schema"].as_u64() {
        Some(schema) if schema > SCHEMA => {
            return Err(format!("expected schema {SCHEMA} or older, got {schema}: update gorace"));
        }
        Some(_) if value["kind"] == "baseline" => {}
        _ => return Err("expected `schema`, a number, and `kind`, which is \"baseline\"".to_owned()),
    }
    let list = |key: &str| value[key].as_array().ok_or_else(|| format!("expected a list at `{key}`"));
    let entry = |(i, value): (usize, &Value)| {
        let text = |key: &str| {
            value[key]
                .as_str()
                .ok_or_else(|| format!("expected a text at `findings[{i}].{key}`"))
                .map(str::to_owned)
        };
        let at = value["at"].as_array().ok_or_else(|| format!("expected a list at `findings[{i}].at`"))?;
        let at: Option<Vec<String>> = at.iter().map(|site| site.as_str().map(str::to_owned)).collect();
        Ok(Entry {
            code: Code::parse(&text("code")?)
                .ok_or_else(|| format!("expected a code at `findings[{i}].code`"))?,
            at: at.ok_or_else(|| format!("expected texts at `findings[{i}].at`"))?,
            fingerprint: text("fingerprint")?,
            test: text("test")?,
        })
    };
    let test = |(i, value): (usize, &Value)| {
        value.as_str().map(str::to_owned).ok_or_else(|| format!("expected a text at `tests[{i}]`"))
    };
    Ok(Baseline {
        path: path.to_owned(),
        entries: list("findings")?.iter().enumerate().map(entry).collect::<Result<_, String>>()?,
        tests: list("tests")?.iter().enumerate().map(test).collect::<Result<_, String>>()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_baseline_is_refused_with_its_place() {
        let whole = r#"{"schema":1,"kind":"baseline","findings":[{"code":"GR0001","at":["a"],"fingerprint":"0","test":"t"}],"tests":["t"]}"#;
        let path = Path::new("b.json");
        let read_back = read(path, whole).expect("it is whole");
        assert_eq!((read_back.entries.len(), read_back.tests.len()), (1, 1));
        for (from, to, expected) in [
            ("}]", "", "at line 1 column"),
            ("\"schema\":1", "\"schema\":2", "expected schema 1 or older, got 2"),
            ("baseline", "finding", "which is \"baseline\""),
            ("GR0001", "GR1000", "expected a code at `findings[0].code`"),
            ("[\"a\"]", "[1]", "expected texts at `findings[0].at`"),
            ("[\"t\"]", "[null]", "expected a text at `tests[0]`"),
            ("\"fingerprint\":\"0\",", "", "expected a text at `findings[0].fingerprint`"),
        ] {
            let error = read(path, &whole.replacen(from, to, 1)).expect_err(expected);
            assert!(error.contains(expected), "{error}");
        }
        crate::damage::each(whole, |text| drop(read(path, text)));
        // Cut anywhere it is an error, and never a panic.
        for end in 0..whole.len() {
            assert!(read(path, &whole[..end]).is_err(), "cut at {end}");
        }
    }
}
