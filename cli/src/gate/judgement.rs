//! The judgement: which findings count, what else is wrong with the run, and how the process ends.

use crate::Exit;
use crate::config::Rule;
use crate::gate::expected::{is_unfinished, only_one};
use crate::gate::{Baseline, Ran};
use crate::naming::Naming;
use crate::print::sources;
use gorace_analyzer::Verdict;
use gorace_analyzer::describe::sites;
use gorace_analyzer::export::Standing;
use gorace_analyzer::record::{Record, RunResult};
use gorace_analyzer::verdict::Stopped;

/// What the gate goes by.
pub struct Policy<'a> {
    pub baseline: &'a Baseline,
    pub rules: &'a [Rule],
    pub strict_baseline: bool,
    pub require_complete: bool,
    /// Whether all tests were to run: only then can something be missing.
    pub is_whole: bool,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Judgement {
    /// Of each finding, in order.
    pub standings: Vec<Standing>,
    /// What is wrong beside the findings.
    pub errors: Vec<String>,
    /// What somebody should look at.
    pub warnings: Vec<String>,
    exits: Vec<Exit>,
}

/// Judges a run, in which these tests `ran`.
pub fn judge(results: &[RunResult], records: &[Record], ran: &Ran, policy: &Policy<'_>) -> Judgement {
    let mut judgement = Judgement::default();
    judgement.findings(records, policy);
    judgement.tests(results, policy);
    if policy.is_whole {
        judgement.baseline(records, ran, policy);
    }
    judgement
}

/// How findings stand by the rules alone.
pub fn standings(records: &[Record], rules: &[Rule]) -> Vec<Standing> {
    let standing = |record| {
        allowing(record, rules).map_or(Standing::New, |rule| Standing::Allowed(rules[rule].reason.clone()))
    };
    records.iter().map(standing).collect()
}

/// The first rule that allows a finding.
fn allowing(record: &Record, rules: &[Rule]) -> Option<usize> {
    if rules.is_empty() {
        return None;
    }
    let sites = sites(record, &sources(&record.program));
    let (code, test) = (record.finding.kind.code(), record.program.title());
    rules.iter().position(|rule| rule.allows(code, test, &sites))
}

impl Judgement {
    /// Adds something that is wrong.
    pub fn error(&mut self, exit: Exit, words: String) {
        self.errors.push(words);
        self.exits.push(exit);
    }

    /// Something is wrong, and was told already.
    pub fn fail(&mut self, exit: Exit) {
        self.exits.push(exit);
    }

    /// How the process ends: the gravest of all that is wrong.
    pub fn exit(&self) -> Exit {
        const BY_GRAVITY: [Exit; 6] = [
            Exit::Found,
            Exit::TestFailed,
            Exit::Diverged,
            Exit::Nothing,
            Exit::BadConfiguration,
            Exit::Incomplete,
        ];
        BY_GRAVITY.into_iter().find(|exit| self.exits.contains(exit)).unwrap_or(Exit::Clean)
    }

    fn findings(&mut self, records: &[Record], policy: &Policy<'_>) {
        let mut used = vec![false; policy.rules.len()];
        for record in records {
            let code = record.finding.kind.code();
            self.standings.push(match allowing(record, policy.rules) {
                Some(rule) => {
                    used[rule] = true;
                    Standing::Allowed(policy.rules[rule].reason.clone())
                }
                None if policy.baseline.knows(record) => Standing::Known,
                None => {
                    self.exits.extend(Exit::of_findings([code]));
                    Standing::New
                }
            });
        }
        let unused = policy.rules.iter().zip(used).filter(|(_, used)| policy.is_whole && !used);
        self.warnings.extend(unused.map(|(rule, _)| {
            format!("the rule of line {} allows nothing that was found: {}", rule.line, rule.words())
        }));
    }

    fn tests(&mut self, results: &[RunResult], policy: &Policy<'_>) {
        let naming = Naming::of(results);
        for result in results {
            let title = naming.name(&result.program);
            if is_unfinished(result) {
                self.error(
                    Exit::TestFailed,
                    format!("`{title}` did not come to its end: the process ended during it"),
                );
                continue;
            }
            if let Some(misfit) = &result.misfit {
                self.fail(Exit::of_misfit(misfit));
                continue;
            }
            if let Some(why) = only_one(result) {
                let words =
                    format!("`{title}` explored one interleaving only, because of its own {why}: raise it");
                self.error(Exit::Nothing, words);
            }
            let is_bounded =
                matches!(result.stopped, Stopped::MaxExecutions | Stopped::Timeout | Stopped::Interrupted);
            if policy.require_complete && is_bounded && result.verdict != Verdict::Failed {
                let words = format!("`{title}` was not explored completely: {}", result.stopped.word());
                self.error(Exit::Incomplete, words);
            }
        }
    }

    fn baseline(&mut self, records: &[Record], ran: &Ran, policy: &Policy<'_>) {
        for tests in policy.baseline.tests().chunk_by(|one, other| one == other) {
            let (test, expected, times) = (&tests[0], tests.len(), ran.times(&tests[0]));
            if times < expected {
                let missing = match times {
                    0 => "was expected and did not run".to_owned(),
                    _ => format!("was expected in {expected} binaries of that name and ran in {times}"),
                };
                let words = format!("`{test}` {missing}; if it is gone, write the baseline again");
                self.error(Exit::Nothing, words);
            }
        }
        for entry in policy.baseline.unused(records) {
            let words = format!("not found any more, and still in the baseline: {}", entry.words());
            if policy.strict_baseline {
                self.error(Exit::BadConfiguration, words);
            } else {
                self.warnings.push(words);
            }
        }
    }
}
