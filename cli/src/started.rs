//! How a run was started, kept beside what it found, so that a replay builds and runs the program in the same way.
//!
//! What is kept is the command line itself, the folder that it was called in, and the variables by which cargo builds
//! otherwise and executions go otherwise. The file is JSON of a version; runs of before it existed have none.

use crate::Exit;
use crate::args::{Args, Ci, Command, Configured, Explore, Run, Select, Test};
use crate::error::{CliError, Outcome};
use crate::reports::write_whole;
use clap::Parser as _;
use serde_json::{Map, Value, json};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

const FILE: &str = "started.json";
const FORMAT: &str = "gorace-started";
const VERSION: u64 = 1;

/// The beginnings of the variables that are kept.
const KEPT: [&str; 12] = [
    "CARGO_BUILD_",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_PROFILE_",
    "CARGO_TARGET_",
    "GORACE_CLOCK",
    "GORACE_CONFIG_FILE",
    "GORACE_MAX_STEPS",
    "GORACE_PROFILE",
    "GORACE_STACK_SIZE",
    "RUSTC",
    "RUSTFLAGS",
    "RUSTUP_TOOLCHAIN",
];

/// See the module.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Started {
    folder: PathBuf,
    /// Without the name of the program.
    words: Vec<OsString>,
    environment: Vec<(String, OsString)>,
}

/// What the command line that was kept says.
#[derive(Default)]
pub struct Said {
    /// With an absolute path to Cargo.toml, if one was given.
    pub select: Select,
    /// `bin` or `example`, and its name, where one was named.
    pub target: Option<(&'static str, String)>,
    pub args: Vec<OsString>,
    pub explore: Explore,
    pub configured: Configured,
    /// Where the program ran.
    pub folder: Option<PathBuf>,
}

impl Started {
    /// As this process was.
    pub fn now() -> Self {
        let mut words: Vec<OsString> = std::env::args_os().skip(1).collect();
        // Cargo names its subcommand.
        if words.first().is_some_and(|word| word == "gorace") {
            words.remove(0);
        }
        let environment =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
        let mut environment: Vec<(String, OsString)> =
            environment.filter(|(name, _)| is_kept(name)).collect();
        environment.sort();
        Started { folder: std::env::current_dir().unwrap_or_default(), words, environment }
    }

    /// Whether it names a package that is not the one of its folder.
    pub fn is_elsewhere(&self) -> bool {
        let own = self.words.iter().take_while(|word| *word != "--").map(|word| word.to_string_lossy());
        own.into_iter().any(|word| word.starts_with("--manifest-path") || word.ends_with(".rs"))
    }

    /// Writes it into a run's folder.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn keep(&self, folder: &Path) -> Outcome<()> {
        write_whole(&folder.join(FILE), format!("{:#}\n", self.to_json()).as_bytes())
    }

    /// What was kept in the folder of a finding's file; `None` if nothing was.
    ///
    /// # Errors
    /// If it is not what was written.
    pub fn beside(finding: &Path) -> Outcome<Option<Self>> {
        let path = finding.with_file_name(FILE);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(damaged(&path, &error.to_string())),
        };
        Self::parse(&text).map(Some).map_err(|why| damaged(&path, &why))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if value["format"] != FORMAT {
            return Err(format!("expected `{FORMAT}` at `format`, got {}", value["format"]));
        }
        match value["version"].as_u64() {
            Some(version) if (1..=VERSION).contains(&version) => {}
            Some(version) if version > VERSION => {
                return Err(format!(
                    "it is of version {version}, and this gorace reads {VERSION}: update gorace"
                ));
            }
            _ => return Err(format!("expected a version at `version`, got {}", value["version"])),
        }
        let folder = word(&value["folder"]).ok_or("expected a folder at `folder`")?;
        let words = value["words"].as_array().and_then(|words| words.iter().map(word).collect());
        let words: Vec<OsString> = words.ok_or("expected words at `words`")?;
        let variable = |(name, value): (&String, &Value)| Some((name.clone(), word(value)?));
        let environment = value["environment"].as_object().and_then(|all| all.iter().map(variable).collect());
        let environment = environment.ok_or("expected variables at `environment`")?;
        Ok(Started { folder: folder.into(), words, environment })
    }

    fn to_json(&self) -> Value {
        let environment: Map<String, Value> =
            self.environment.iter().map(|(name, value)| (name.clone(), of_word(value))).collect();
        json!({
            "format": FORMAT,
            "version": VERSION,
            "folder": of_word(self.folder.as_os_str()),
            "words": self.words.iter().map(|word| of_word(word)).collect::<Vec<_>>(),
            "environment": environment,
        })
    }

    /// What its command line says.
    ///
    /// # Errors
    /// If this gorace does not understand it.
    pub fn said(&self) -> Outcome<Said> {
        let words = [OsString::from("gorace")].into_iter().chain(self.words.iter().cloned());
        let parsed = Args::try_parse_from(words).map_err(|error| {
            let first = error.to_string().lines().next().unwrap_or_default().to_owned();
            let message =
                format!("cannot read how the run was started: {}", first.trim_start_matches("error: "));
            CliError::new(Exit::BadConfiguration, message)
        })?;
        let mut said = match parsed.command {
            Command::Run(run) => {
                let target = match (run.bin, run.example) {
                    (_, Some(name)) => Some(("example", name)),
                    (bin, None) => bin.map(|name| ("bin", name)),
                };
                let Run { select, args, explore, configured, .. } = run;
                Said { select, target, args, explore, configured, folder: None }
            }
            Command::Test(test) | Command::Ci(Ci { test, .. }) => {
                let Test { select, explore, configured, .. } = test;
                Said { select, explore, configured, ..Said::default() }
            }
            _ => Said::default(),
        };
        if let Some(path) = &mut said.configured.config_file {
            *path = self.folder.join(&path);
        }
        if let Some(path) = &mut said.select.manifest.manifest_path {
            *path = self.folder.join(&path);
        }
        said.folder = Some(self.folder.clone()).filter(|folder| folder.is_dir());
        Ok(said)
    }

    /// Whether this process has the variables that were kept.
    pub fn is_in_force(&self) -> bool {
        self.environment.iter().all(|(name, value)| std::env::var_os(name).as_ref() == Some(value))
    }

    /// This command once more, with those variables.
    pub fn with_variables(&self) -> Outcome {
        let internal = |error: std::io::Error| {
            CliError::new(Exit::Internal, format!("cannot start gorace once more: {error}"))
        };
        let mut command = std::process::Command::new(std::env::current_exe().map_err(internal)?);
        command.args(std::env::args_os().skip(1)).envs(self.environment.iter().cloned());
        #[cfg(unix)]
        {
            use std::os::unix::process::CommandExt as _;
            Err(internal(command.exec()))
        }
        #[cfg(not(unix))]
        std::process::exit(command.status().map_err(internal)?.code().unwrap_or(Exit::Internal.code()))
    }

    /// The command line, with these flags in place of its own of the same names: words for a shell.
    pub fn again(&self, flags: &[(&str, String)]) -> String {
        let at = self.words.iter().position(|word| word == "--").unwrap_or(self.words.len());
        let (own, args) = self.words.split_at(at);
        let mut kept: Vec<OsString> = Vec::new();
        let mut own = own.iter();
        while let Some(word) = own.next() {
            let text = word.to_string_lossy();
            if flags.iter().any(|(flag, _)| *flag == text) {
                own.next();
            } else if !flags.iter().any(|(flag, _)| text.starts_with(&format!("{flag}="))) {
                kept.push(word.clone());
            }
        }
        kept.extend(flags.iter().flat_map(|(flag, value)| [(*flag).into(), value.into()]));
        let all = ["gorace".into()].into_iter().chain(kept).chain(args.iter().cloned());
        all.map(|word| for_a_shell(&word.to_string_lossy())).collect::<Vec<_>>().join(" ")
    }
}

/// Whether a variable of this name is kept. Where things are built is not how.
fn is_kept(name: &str) -> bool {
    let is_place = ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR", "CARGO_BUILD_BUILD_DIR"].contains(&name);
    !is_place && KEPT.iter().any(|start| name.starts_with(start))
}

impl Select {
    /// These flags; where they leave something open, those that were kept.
    pub fn or(mut self, kept: &Select) -> Select {
        if !self.release && self.profile.is_none() {
            (self.release, self.profile) = (kept.release, kept.profile.clone());
        }
        if self.features.is_empty() && !self.all_features && !self.no_default_features {
            self.features.clone_from(&kept.features);
            (self.all_features, self.no_default_features) = (kept.all_features, kept.no_default_features);
        }
        self.locked |= kept.locked;
        self.offline |= kept.offline;
        self
    }
}

fn damaged(path: &Path, why: &str) -> CliError {
    CliError::new(Exit::BadConfiguration, format!("{} is not what gorace wrote: {why}", path.display()))
        .hint("remove it, and say how the program is built and run: gorace replay ID --release -- ARGS")
}

/// A word as JSON: a text, or its bytes where it is none.
fn of_word(word: &std::ffi::OsStr) -> Value {
    match word.to_str() {
        Some(text) => text.into(),
        None => word.as_encoded_bytes().into(),
    }
}

fn word(value: &Value) -> Option<OsString> {
    match value {
        Value::String(text) => Some(text.into()),
        Value::Array(bytes) => {
            let byte = |value: &Value| value.as_u64().and_then(|byte| u8::try_from(byte).ok());
            let bytes: Vec<u8> = bytes.iter().map(byte).collect::<Option<_>>()?;
            #[cfg(unix)]
            return Some(std::os::unix::ffi::OsStringExt::from_vec(bytes));
            #[cfg(not(unix))]
            Some(String::from_utf8_lossy(&bytes).into_owned().into())
        }
        _ => None,
    }
}

/// The word, quoted where a shell would take it for something else.
fn for_a_shell(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./=:,@%+".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::damage;

    fn started(words: &[&str]) -> Started {
        Started {
            folder: "/home/ann/bank".into(),
            words: words.iter().map(OsString::from).collect(),
            environment: vec![("RUSTFLAGS".to_owned(), "-Ctarget-cpu=native".into())],
        }
    }

    const WORDS: [&str; 10] = [
        "run",
        "--bin",
        "server",
        "-rF",
        "wide",
        "--seed=3",
        "--manifest-path",
        "../x/Cargo.toml",
        "--",
        "--seed",
    ];

    #[test]
    fn what_is_written_is_read() {
        let whole = started(&WORDS);
        assert_eq!(Started::parse(&whole.to_json().to_string()), Ok(whole));
    }

    #[cfg(unix)]
    #[test]
    fn words_need_not_be_text() {
        use std::os::unix::ffi::OsStringExt as _;
        let mut whole = started(&WORDS);
        whole.words.push(OsString::from_vec(vec![b'a', 0xff]));
        assert_eq!(Started::parse(&whole.to_json().to_string()), Ok(whole));
    }

    #[test]
    fn what_was_said_is_understood() {
        let said = started(&WORDS).said().expect("a command line");
        assert_eq!(said.select.manifest.manifest_path, Some("/home/ann/bank/../x/Cargo.toml".into()));
        assert_eq!((said.target, said.args), (Some(("bin", "server".to_owned())), vec!["--seed".into()]));
        assert!(said.select.release && said.select.features == ["wide"]);
        assert_eq!((said.explore.seed, said.folder), (Some(3), None));
    }

    /// A replay's own flags go before, each group of them as a whole.
    #[test]
    fn flags_take_the_place_of_those_that_were_kept() {
        let kept = started(&WORDS).said().expect("a command line").select;
        let own = Select { profile: Some("dev".to_owned()), ..Select::default() }.or(&kept);
        assert_eq!((own.release, own.profile.as_deref(), own.features.len()), (false, Some("dev"), 1));
        let own = Select { all_features: true, ..Select::default() }.or(&kept);
        assert_eq!((own.release, own.all_features, own.features.len()), (true, true, 0));
    }

    #[test]
    fn the_command_can_be_pasted() {
        let whole =
            started(&["run", "--seed=3", "--max-executions", "9", "a b.rs", "--", "--seed", "it's", ""]);
        let flags = [("--seed", "7".to_owned()), ("--max-executions", "2".to_owned())];
        let line = r"gorace run 'a b.rs' --seed 7 --max-executions 2 -- --seed 'it'\''s' ''";
        assert_eq!(whole.again(&flags), line);
    }

    #[test]
    fn a_newer_file_is_refused_by_name() {
        let text = started(&WORDS).to_json().to_string().replace("\"version\":1", "\"version\":2");
        assert!(Started::parse(&text).is_err_and(|why| why.contains("update gorace")));
    }

    #[test]
    fn damaged_files() {
        damage::each(&started(&WORDS).to_json().to_string(), |text| match Started::parse(text) {
            Ok(started) => drop(started.said().map_err(|error| assert!(!error.to_string().is_empty()))),
            Err(why) => assert!(!why.is_empty()),
        });
    }
}
