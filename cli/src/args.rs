//! The command line's grammar.

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use gorace_engine::explore::Strategy;
use std::ffi::OsString;
use std::path::PathBuf;

/// Finds data races, deadlocks and leaks by exploring interleavings.
#[derive(Parser, Debug)]
#[command(name = "gorace", version = env!("GORACE_VERSION"), arg_required_else_help = true, max_term_width = 100)]
#[command(after_long_help = crate::exit::listed())]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand, Debug)]
pub enum Command {
    /// Builds a program with #[gorace::main] and explores it
    Run(Run),
    /// Runs the tests and explores every #[checked_test]
    Test(Test),
    /// Runs the tests as a gate: red on a new finding, quiet on known ones
    Ci(Ci),
    /// Divides what is left of explorations among machines
    Split(Split),
    /// Puts the results of shards, or of a round of shares, together: one report and one verdict
    Merge(Merge),
    /// Shows the configuration, and where each value comes from
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Runs one recorded schedule again and prints its report again
    Replay(Replay),
    /// Explains a code, or a limit of a verdict, as `rustc --explain` does
    Explain(Explain),
    /// Lists the stored findings
    List(Stored),
    /// Prints a stored finding's report
    Show(Show),
    /// Prints a stored finding in another form
    Export(Export),
    /// Removes what gorace stored in the target folder
    Clean(Clean),
    /// Prints a script that completes this command line in a shell
    Completions(Completions),
    /// Prints the manual
    Man,
}

#[derive(ClapArgs, Debug)]
pub struct Run {
    #[command(flatten)]
    pub select: Select,
    /// A file with a whole program, in place of a package
    #[arg(value_name = "FILE.rs", conflicts_with_all = ["bin", "example", "package", "manifest_path"])]
    pub file: Option<PathBuf>,
    /// The binary to run
    #[arg(long, value_name = "NAME", conflicts_with = "example")]
    pub bin: Option<String>,
    /// The example to run
    #[arg(long, value_name = "NAME")]
    pub example: Option<String>,
    #[command(flatten)]
    pub explore: Explore,
    #[command(flatten)]
    pub print: Print,
    #[command(flatten)]
    pub reports: Reports,
    #[command(flatten)]
    pub configured: Configured,
    /// Arguments for the program
    #[arg(last = true, value_name = "ARGS")]
    pub args: Vec<OsString>,
}

#[derive(ClapArgs, Debug)]
pub struct Test {
    /// Only tests whose name contains this
    pub filter: Option<String>,
    #[command(flatten)]
    pub select: Select,
    /// Only the library's unit tests
    #[arg(long)]
    pub lib: bool,
    /// Only this integration test
    #[arg(long, value_name = "NAME")]
    pub test: Vec<String>,
    /// All packages of the workspace
    #[arg(long)]
    pub workspace: bool,
    /// Only the I-th of N parts, such as 1/4: of the checked tests, and of each test's random schedules; `auto`: the one
    /// that the engine says. `gorace merge` puts the parts together
    #[arg(long, value_name = "I/N", value_parser = crate::shard::Shard::parse)]
    pub shard: Option<crate::shard::Shard>,
    /// Every ordinary #[test] of packages that do not use gorace
    #[arg(long, help_heading = "Exploration")]
    pub all: bool,
    #[command(flatten)]
    pub explore: Explore,
    /// Go on where an earlier run was stopped, and keep what is left to do, in this folder [default: target/gorace/resume]
    #[arg(long, value_name = "FOLDER", num_args = 0..=1, require_equals = true, help_heading = "Exploration")]
    pub resume: Option<Option<PathBuf>>,
    #[command(flatten)]
    pub print: Print,
    #[command(flatten)]
    pub reports: Reports,
    #[command(flatten)]
    pub configured: Configured,
    /// Arguments for the test binaries
    #[arg(last = true, value_name = "ARGS")]
    pub args: Vec<OsString>,
}

#[derive(ClapArgs, Debug)]
pub struct Ci {
    #[command(flatten)]
    pub test: Test,
    #[command(flatten)]
    pub gate: Gate,
}

#[derive(ClapArgs, Debug)]
pub struct Split {
    /// A resume file, or the folder that `gorace test --resume` keeps them in
    #[arg(value_name = "FRONTIER")]
    pub frontier: PathBuf,
    /// How many machines share it
    #[arg(short = 'n', long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub shares: u32,
    /// The round's folder, which is made: a folder for each share, from 1 to N, and one for the rest
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
}

#[derive(ClapArgs, Debug)]
pub struct Merge {
    /// Folders of shards (what each left in target/gorace, or in one run's folder there), or the folder of one round of
    /// `gorace split`
    #[arg(required = true, value_name = "DIR")]
    pub folders: Vec<PathBuf>,
    /// Where what is left after a round is kept, if not in the round's folder under `left`
    #[arg(long, value_name = "DIR")]
    pub left: Option<PathBuf>,
    #[command(flatten)]
    pub select: Manifest,
    #[command(flatten)]
    pub gate: Gate,
    #[command(flatten)]
    pub print: Print,
    #[command(flatten)]
    pub reports: Reports,
    #[command(flatten)]
    pub configured: Configured,
}

#[derive(Subcommand, Debug)]
pub enum ConfigCommand {
    /// Prints each value, and who said it
    Show(ConfigShow),
}

#[derive(ClapArgs, Debug)]
pub struct ConfigShow {
    #[command(flatten)]
    pub select: Manifest,
    #[command(flatten)]
    pub configured: Configured,
}

/// What the gate goes by.
#[derive(ClapArgs, Debug, Clone, Default)]
#[command(next_help_heading = "Gate")]
pub struct Gate {
    /// Write the findings and the tests of this run into the baseline
    #[arg(long)]
    pub write_baseline: bool,
    /// An entry of the baseline that was not found any more is an error
    #[arg(long)]
    pub strict_baseline: bool,
    /// A test that was not explored completely is an error
    #[arg(long)]
    pub require_complete: bool,
    /// Whom to annotate for: who is detected, GitHub, or nobody
    #[arg(long, value_enum)]
    pub annotations: Option<Annotations>,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Annotations {
    Auto,
    Github,
    None,
}

/// Files for other tools.
#[derive(ClapArgs, Debug, Clone, Default)]
#[command(next_help_heading = "Output")]
pub struct Reports {
    /// Write a report: gitlab, html, json, junit, markdown or sarif, with a path if it is to stand elsewhere than in
    /// target/gorace/reports
    #[arg(long, value_name = "FORMAT[=PATH]", value_parser = crate::reports::wanted)]
    pub report: Vec<crate::reports::Wanted>,
}

/// Which configuration.
#[derive(ClapArgs, Debug, Clone, Default)]
#[command(next_help_heading = "Configuration")]
pub struct Configured {
    /// The profile of the configuration: `ci` for `gorace ci`, else `default`
    #[arg(short = 'P', long, value_name = "NAME", env = "GORACE_PROFILE")]
    pub config_profile: Option<String>,
    /// The configuration, if it is not .config/gorace.toml or gorace.toml
    #[arg(long, value_name = "PATH", env = "GORACE_CONFIG_FILE")]
    pub config_file: Option<PathBuf>,
}

#[derive(ClapArgs, Debug)]
pub struct Replay {
    /// A finding's id (any unique prefix), a trace file, a schedule token, or `latest`
    pub what: OsString,
    #[command(flatten)]
    pub select: Select,
    /// The binary that a token belongs to
    #[arg(long, value_name = "NAME", conflicts_with = "example")]
    pub bin: Option<String>,
    /// The example that a token belongs to
    #[arg(long, value_name = "NAME")]
    pub example: Option<String>,
    /// Walk through the execution, a step at a time (Enter: the next one, q: no more)
    #[arg(long, conflicts_with = "message_format", help_heading = "Output")]
    pub step: bool,
    #[command(flatten)]
    pub print: Print,
    /// Arguments for the program, in place of those of the run that found it
    #[arg(last = true, value_name = "ARGS")]
    pub args: Vec<OsString>,
}

#[derive(ClapArgs, Debug)]
pub struct Explain {
    /// The code: GR0001, or data_race; or the limit: spin_cut
    #[arg(required_unless_present = "list")]
    pub code: Option<String>,
    /// Lists all codes and limits
    #[arg(long)]
    pub list: bool,
}

#[derive(ClapArgs, Debug)]
pub struct Stored {
    #[command(flatten)]
    pub select: Manifest,
}

#[derive(ClapArgs, Debug)]
pub struct Export {
    /// A finding's id (any unique prefix), a trace file, or `latest`
    pub what: OsString,
    /// The form
    #[arg(long, value_enum)]
    pub format: ExportFormat,
    /// Where to write it, if not to standard output
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub select: Manifest,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExportFormat {
    /// A page to look at
    Html,
    /// A trace for Perfetto
    Chrome,
    /// Graphs of happens-before and of who waits for whom, for Graphviz
    Dot,
    /// SARIF 2.1.0
    Sarif,
    /// A JSON line
    Json,
}

#[derive(ClapArgs, Debug)]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

#[derive(ClapArgs, Debug)]
pub struct Clean {
    #[command(flatten)]
    pub select: Manifest,
    /// Also what is kept for all packages: instrumented standard libraries
    #[arg(long)]
    pub all: bool,
}

#[derive(ClapArgs, Debug)]
pub struct Show {
    /// A finding's id (any unique prefix), a trace file, or `latest`
    pub what: OsString,
    #[command(flatten)]
    pub select: Manifest,
    #[command(flatten)]
    pub print: Print,
}

/// Which Cargo.toml.
#[derive(ClapArgs, Debug, Clone, Default)]
pub struct Manifest {
    /// Path to Cargo.toml
    #[arg(long, value_name = "PATH")]
    pub manifest_path: Option<PathBuf>,
}

/// Cargo's own selection flags.
#[derive(ClapArgs, Debug, Clone, Default)]
#[command(next_help_heading = "Cargo's flags")]
pub struct Select {
    #[command(flatten)]
    pub manifest: Manifest,
    /// The package
    #[arg(short, long, value_name = "SPEC")]
    pub package: Option<String>,
    /// Features to activate
    #[arg(short = 'F', long, value_name = "FEATURES")]
    pub features: Vec<String>,
    /// Activate all features
    #[arg(long)]
    pub all_features: bool,
    /// Do not activate the `default` feature
    #[arg(long)]
    pub no_default_features: bool,
    /// Build with optimisations
    #[arg(short, long, conflicts_with = "profile")]
    pub release: bool,
    /// Build with this profile
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Keep Cargo.lock as it is
    #[arg(long)]
    pub locked: bool,
    /// Do not use the network
    #[arg(long)]
    pub offline: bool,
}

/// How to explore.
#[derive(ClapArgs, Debug, Clone, Default)]
#[command(next_help_heading = "Exploration")]
pub struct Explore {
    /// How schedules are chosen: auto, exhaustive, portfolio, random, pos, surw, urw, pct or pct(DEPTH)
    #[arg(long, value_name = "WORD", value_parser = crate::settings::strategy)]
    pub strategy: Option<Strategy>,
    /// The seed of random strategies
    #[arg(long, value_name = "N", value_parser = crate::settings::seed)]
    pub seed: Option<u64>,
    /// Executions at the most
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub max_executions: Option<u64>,
    /// Only schedules with at most so many preemptions; for the strategies auto and exhaustive
    #[arg(long, value_name = "N")]
    pub max_preemptions: Option<u32>,
    /// Steps an execution at the most
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub max_steps: Option<u64>,
    /// Time at the most, such as 30s
    #[arg(long, value_name = "TIME", value_parser = crate::settings::duration)]
    pub timeout: Option<String>,
    /// How many threads explore each test
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1024))]
    pub jobs: Option<u64>,
    /// When timers fire: at any point, or only when nothing else can run
    #[arg(long, value_enum)]
    pub clock: Option<Clock>,
    /// The stack of each task, such as 4M
    #[arg(long, value_name = "BYTES", value_parser = crate::settings::stack_size)]
    pub stack_size: Option<String>,
    /// Use the whole budget even if something was found
    #[arg(long)]
    pub keep_going: bool,
    /// Let waits wake, and weak compare-exchanges fail, for no reason
    #[arg(long)]
    pub spurious: bool,
    /// Show the program's output of every execution
    #[arg(long, env = "GORACE_SHOW_OUTPUT")]
    pub show_output: bool,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Clock {
    Any,
    Idle,
}

/// How to print.
#[derive(ClapArgs, Debug, Clone, Default)]
#[command(next_help_heading = "Output")]
pub struct Print {
    /// Leave out durations, so that equal runs print equal text
    #[arg(long)]
    pub no_times: bool,
    /// Print whole interleavings and call stacks
    #[arg(short, long)]
    pub verbose: bool,
    /// When to use colour
    #[arg(long, value_enum, value_name = "WHEN")]
    pub color: Option<Color>,
    /// Draw with ASCII characters only
    #[arg(long)]
    pub ascii: bool,
    /// For people, JSON lines for programs, annotations for GitHub, messages as cargo's, or as Go prints
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "human", env = "GORACE_MESSAGE_FORMAT")]
    pub message_format: Format,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Color {
    Auto,
    Always,
    Never,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Format {
    #[default]
    Human,
    Json,
    /// GitHub's annotations
    Github,
    /// Cargo's `compiler-message` lines, for editors
    Cargo,
    /// Go's forms: `WARNING: DATA RACE`, `fatal error: ..` and a goroutine dump
    Go,
}

impl Format {
    /// Whether programs read what is printed: nothing else may stand between it.
    pub fn is_for_programs(self) -> bool {
        matches!(self, Format::Json | Format::Cargo)
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    /// clap looks at a subcommand only when it is called.
    #[test]
    fn the_grammar_contradicts_itself_nowhere() {
        super::Args::command().debug_assert();
    }
}
