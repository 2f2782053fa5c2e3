//! Runs to be written: what stored trace files hold, with the sources that they were made from.

use gorace_analyzer::Verdict;
use gorace_analyzer::describe::describe;
use gorace_analyzer::export::{Found, Paths, Run, Standing};
use gorace_analyzer::file::read_record;
use gorace_analyzer::record::{Record, RunResult};
use gorace_analyzer::source::{MapSources, Sources};
use gorace_analyzer::verdict::Stopped;
use std::path::Path;

pub const RACE: (&str, &str) = (
    include_str!("../data/racy_counter.gtrace.json"),
    include_str!("../../../fixtures/examples/racy_counter.rs"),
);
pub const DEADLOCK: (&str, &str) = (
    include_str!("../data/bank_transfer.gtrace.json"),
    include_str!("../../../fixtures/examples/bank_transfer.rs"),
);
pub const LEAK: (&str, &str) = (
    include_str!("../data/leaked_receiver.gtrace.json"),
    include_str!("../../../fixtures/examples/leaked_receiver.rs"),
);
pub const PANIC: (&str, &str) = (
    include_str!("../data/panic_in_order.gtrace.json"),
    include_str!("../../../fixtures/examples/panic_in_order.rs"),
);

/// Records with their sources and results.
pub struct Stored {
    pub records: Vec<Record>,
    pub sources: Vec<(String, String)>,
    pub results: Vec<RunResult>,
}

/// The file that a record is about.
pub fn file_of(record: &Record) -> String {
    record.trace.frames(record.trace.events[0].place)[0].file.clone()
}

impl Stored {
    /// Reads trace files; `edit` may change each record and its source.
    pub fn read(files: &[(&str, &str)], edit: impl Fn(&mut Record, &mut String)) -> Self {
        let mut stored = Stored { records: Vec::new(), sources: Vec::new(), results: Vec::new() };
        for (trace, source) in files {
            let mut record = read_record(trace).expect("the file is read");
            let mut source = (*source).to_owned();
            // The fixtures may have changed since the traces were made.
            record.sources.clear();
            edit(&mut record, &mut source);
            stored.sources.push((file_of(&record), source));
            stored.results.push(RunResult {
                program: record.program.clone(),
                verdict: Verdict::Failed,
                limits: Vec::new(),
                stopped: Stopped::Finding,
                executions: record.facts.executions,
                redundant: 0,
                auxiliary: 0,
                steps: 100,
                elapsed: None,
                strategies: "depth-first".to_owned(),
                findings: vec![record.facts.id.clone()],
                notes: Vec::new(),
                misfit: None,
                interleavings: None,
                runs: 1,
                shard: None,
            });
            stored.records.push(record);
        }
        stored
    }

    pub fn sources(&self) -> MapSources {
        MapSources::from_iter(self.sources.iter().map(|(file, text)| (file.as_str(), text.as_str())))
    }

    /// The run, with how each finding stands.
    pub fn run(&self, standing: impl Fn(usize) -> Standing) -> Run<'_> {
        let sources = self.sources();
        let found = |(i, record)| Found { record, report: describe(record, &sources), standing: standing(i) };
        Run {
            results: &self.results,
            findings: self.records.iter().enumerate().map(found).collect(),
            complaints: Vec::new(),
            elapsed: None,
        }
    }

    pub fn source_of(&self) -> impl Fn(&Found<'_>) -> Box<dyn Sources> + '_ {
        |_| Box::new(self.sources())
    }
}

/// The workspace is a folder of a larger repository.
pub fn paths() -> Paths {
    Paths::new(Path::new("/repo"), Path::new("/repo/rust"))
}
