//! Which part an engine has given to this process, by the variables that it sets.
//!
//! They are read where `auto` is asked for, and only then: a job may be one of several for another reason. Of several
//! engines the innermost counts, which is the first in the list: a test runner within an array within a CI job. Sources:
//! the engines' documentation, as each entry says.

use super::Part;
use crate::Exit;
use crate::error::{CliError, Outcome};
use std::fs;

/// What was asked for: a part, or the engine's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shard {
    Part(Part),
    /// The engine's, of so many in all if it does not say.
    Auto(Option<u32>),
}

impl Shard {
    /// Reads `1/4`, `auto` or `auto/4`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let shard = match text.strip_prefix("auto") {
            Some("") => Some(Shard::Auto(None)),
            Some(of) => {
                let of = of.strip_prefix('/').and_then(|of| of.parse().ok()).filter(|of| *of > 0);
                of.map(|of| Shard::Auto(Some(of)))
            }
            None => Part::parse(text).map(Shard::Part),
        };
        shard.ok_or_else(|| {
            "expected a part such as 1/4, from 1/N to N/N, or `auto` for the one that the engine says"
                .to_owned()
        })
    }
}

/// How an engine says which part a process is.
struct Engine {
    name: &'static str,
    index: &'static str,
    /// What the first part's index is.
    first: First,
    of: Option<&'static str>,
}

/// Where an engine begins to count.
enum First {
    At(u32),
    /// At what this variable says, in steps of what the other one does.
    Said(&'static str, &'static str),
}

const ENGINES: &[Engine] = &[
    // Test encyclopedia, "Test sharding": from 0 to TEST_TOTAL_SHARDS - 1.
    Engine { name: "Bazel", index: "TEST_SHARD_INDEX", first: First::At(0), of: Some("TEST_TOTAL_SHARDS") },
    // sbatch, "output environment variables": the array's smallest index and its step are said.
    Engine {
        name: "Slurm",
        index: "SLURM_ARRAY_TASK_ID",
        first: First::Said("SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_STEP"),
        of: Some("SLURM_ARRAY_TASK_COUNT"),
    },
    // "Indexed Job": from 0 to .spec.completions - 1, and nothing tells how many that are.
    Engine { name: "Kubernetes", index: "JOB_COMPLETION_INDEX", first: First::At(0), of: None },
    // "Parallel builds", "Parallel jobs": of five jobs, the first has 0, and each has a count of 5.
    Engine {
        name: "Buildkite",
        index: "BUILDKITE_PARALLEL_JOB",
        first: First::At(0),
        of: Some("BUILDKITE_PARALLEL_JOB_COUNT"),
    },
    // "Project values and variables": from 0 to CIRCLE_NODE_TOTAL - 1.
    Engine {
        name: "CircleCI",
        index: "CIRCLE_NODE_INDEX",
        first: First::At(0),
        of: Some("CIRCLE_NODE_TOTAL"),
    },
    // "Predefined variables": from 1 on, and not set in a job without `parallel`, where the total is 1.
    Engine { name: "GitLab", index: "CI_NODE_INDEX", first: First::At(1), of: Some("CI_NODE_TOTAL") },
];

type Get<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What was asked for, by the flag or by the variable; an empty one counts as not set, and a wrong one was refused before.
pub fn asked(flag: Option<Shard>, get: Get<'_>) -> Option<Shard> {
    flag.or_else(|| get("GORACE_SHARD").and_then(|text| Shard::parse(&text).ok()))
}

/// The part that was asked for.
///
/// # Errors
/// If the engine's variables make no sense, or there are none.
pub fn chosen(shard: Option<Shard>, get: Get<'_>) -> Outcome<Option<Part>> {
    let of = match asked(shard, get) {
        None => return Ok(None),
        Some(Shard::Part(part)) => return Ok(Some(part)),
        Some(Shard::Auto(of)) => of,
    };
    let get = |name: &str| get(name).filter(|value| !value.is_empty());
    let Some(engine) = ENGINES.iter().find(|engine| get(engine.index).is_some()) else {
        let names: Vec<&str> = ENGINES.iter().map(|engine| engine.index).collect();
        let message = format!("--shard auto: no engine says which part this is, by {}", names.join(", "));
        return Err(CliError::new(Exit::BadConfiguration, message).hint(
            "name the part: --shard 1/3; on GitHub --shard ${{ matrix.part }}/${{ strategy.job-total }}",
        ));
    };
    let part = engine.part(of, &get)?;
    eprintln!("gorace: part {part}, as {} says by {}", engine.name, engine.index);
    if engine.name == "Bazel" {
        tell_bazel(&get)?;
    }
    Ok(Some(part))
}

impl Engine {
    fn part(&self, of: Option<u32>, get: Get<'_>) -> Outcome<Part> {
        let number = |name: &str| match get(name).map(|value| (value.parse::<u32>(), value)) {
            Some((Ok(number), _)) => Ok(Some(number)),
            Some((Err(_), value)) => Err(refused(format!("expected a number, got {name}={value}"))),
            None => Ok(None),
        };
        let needed = |name: &str| {
            number(name)?.ok_or_else(|| refused(format!("{} is set, and {name} is not", self.index)))
        };
        let index = needed(self.index)?;
        let said = self.of.map(needed).transpose()?;
        let (first, step) = match self.first {
            First::At(first) => (first, 1),
            First::Said(first, step) => (needed(first)?, number(step)?.unwrap_or(1).max(1)),
        };
        let of = match (said, of) {
            (Some(said), Some(of)) if said != of => {
                let name = self.of.unwrap_or(self.index);
                return Err(refused(format!("{of} parts were asked for, and {name}={said}")));
            }
            (Some(of), _) | (None, Some(of)) => of,
            (None, None) => {
                let message = format!("{} does not say how many parts there are", self.name);
                return Err(refused(message).hint("say it: --shard auto/8, as in .spec.completions"));
            }
        };
        let place = index.checked_sub(first).filter(|place| place % step == 0).map(|place| place / step);
        let part = place.and_then(|place| Part::new(place.checked_add(1)?, of));
        part.ok_or_else(|| {
            let last = first.saturating_add(of.saturating_sub(1).saturating_mul(step));
            let steps = if step == 1 { String::new() } else { format!(" in steps of {step}") };
            refused(format!(
                "expected {} from {first} to {last}{steps} for {of} parts, got {index}",
                self.index
            ))
        })
    }
}

fn refused(why: String) -> CliError {
    CliError::new(Exit::BadConfiguration, format!("--shard auto: {why}")).hint("name the part: --shard 1/3")
}

/// Bazel asks for this file, so that it knows that the test was really divided.
fn tell_bazel(get: Get<'_>) -> Outcome<()> {
    let Some(path) = get("TEST_SHARD_STATUS_FILE") else { return Ok(()) };
    fs::OpenOptions::new().create(true).append(true).open(&path).map(drop).map_err(|error| {
        CliError::new(Exit::BadConfiguration, format!("cannot write TEST_SHARD_STATUS_FILE={path}: {error}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(text: &str, variables: &[(&str, &str)]) -> Result<String, String> {
        let get = |name: &str| {
            variables.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
        };
        let shard = Shard::parse(text)?;
        match chosen(Some(shard), &get) {
            Ok(part) => Ok(part.expect("a part").to_string()),
            Err(error) => Err(error.to_string().lines().next().unwrap_or_default().to_owned()),
        }
    }

    /// First and last of three, as the engines' documentation counts. Bazel, "Test encyclopedia": TEST_SHARD_INDEX is from 0
    /// to TEST_TOTAL_SHARDS - 1. Buildkite, "Parallel builds": with `parallelism: 5` the jobs have 0, 1, 2, 3 and 4, and a
    /// count of 5. CircleCI, "Project values and variables": the index is from 0 to CIRCLE_NODE_TOTAL - 1. GitLab,
    /// "Predefined variables" and its runner's commit "Count CI_NODE_INDEX from 1, not from 0": from 1 on.
    #[test]
    fn each_engine_counts_in_its_way() {
        for (first, last, of) in [
            (("TEST_SHARD_INDEX", "0"), "2", "TEST_TOTAL_SHARDS"),
            (("BUILDKITE_PARALLEL_JOB", "0"), "2", "BUILDKITE_PARALLEL_JOB_COUNT"),
            (("CIRCLE_NODE_INDEX", "0"), "2", "CIRCLE_NODE_TOTAL"),
            (("CI_NODE_INDEX", "1"), "3", "CI_NODE_TOTAL"),
        ] {
            assert_eq!(part("auto", &[first, (of, "3")]).as_deref(), Ok("1/3"));
            assert_eq!(part("auto", &[(first.0, last), (of, "3")]).as_deref(), Ok("3/3"));
            let beyond = (last.parse::<u32>().expect("a number") + 1).to_string();
            let error = part("auto", &[(first.0, &beyond), (of, "3")]).expect_err("there are three");
            let words = format!("expected {} from {} to {last} for 3 parts, got {beyond}", first.0, first.1);
            assert_eq!(error, format!("--shard auto: {words}"));
        }
        assert!(part("auto", &[("CI_NODE_INDEX", "0"), ("CI_NODE_TOTAL", "3")]).is_err());
    }

    /// `JobSpec.completionMode`: from 0 to .spec.completions - 1.
    #[test]
    fn kubernetes_does_not_say_how_many() {
        assert_eq!(part("auto/3", &[("JOB_COMPLETION_INDEX", "0")]).as_deref(), Ok("1/3"));
        assert_eq!(part("auto/3", &[("JOB_COMPLETION_INDEX", "2")]).as_deref(), Ok("3/3"));
        assert!(part("auto/3", &[("JOB_COMPLETION_INDEX", "3")]).is_err());
        let error = part("auto", &[("JOB_COMPLETION_INDEX", "0")]).expect_err("of how many?");
        assert_eq!(error, "--shard auto: Kubernetes does not say how many parts there are");
    }

    /// sbatch, "output environment variables": COUNT is the total number of tasks, MIN the smallest index, STEP its step.
    #[test]
    fn slurm_counts_as_the_array_was_asked_for() {
        let array = |id, count, min, step| {
            part(
                "auto",
                &[
                    ("SLURM_ARRAY_TASK_ID", id),
                    ("SLURM_ARRAY_TASK_COUNT", count),
                    ("SLURM_ARRAY_TASK_MIN", min),
                    ("SLURM_ARRAY_TASK_STEP", step),
                ],
            )
        };
        // --array=1-3, --array=0-2, --array=1-7:3
        assert_eq!(array("1", "3", "1", "1").as_deref(), Ok("1/3"));
        assert_eq!(array("2", "3", "0", "1").as_deref(), Ok("3/3"));
        assert_eq!(array("7", "3", "1", "3").as_deref(), Ok("3/3"));
        // --array=1,3,9: nobody says which of them 9 is.
        assert!(array("9", "3", "1", "1").is_err());
        assert!(array("5", "3", "1", "3").is_err());
        // One element run again by itself is not the only one: whoever says how many there are is told.
        let again =
            [("SLURM_ARRAY_TASK_ID", "2"), ("SLURM_ARRAY_TASK_COUNT", "1"), ("SLURM_ARRAY_TASK_MIN", "2")];
        let error = part("auto/3", &again).expect_err("one of one");
        assert_eq!(error, "--shard auto: 3 parts were asked for, and SLURM_ARRAY_TASK_COUNT=1");
    }

    #[test]
    fn the_innermost_engine_counts() {
        let both = [
            ("CI_NODE_INDEX", "1"),
            ("CI_NODE_TOTAL", "2"),
            ("TEST_SHARD_INDEX", "4"),
            ("TEST_TOTAL_SHARDS", "5"),
        ];
        assert_eq!(part("auto", &both).as_deref(), Ok("5/5"));
        assert_eq!(part("2/7", &both).as_deref(), Ok("2/7"));
    }

    #[test]
    fn nonsense_is_named() {
        for (text, variables, words) in [
            ("auto", vec![], "no engine says which part this is"),
            ("auto", vec![("CI_NODE_TOTAL", "1")], "no engine says which part this is"),
            ("auto", vec![("CI_NODE_INDEX", "one"), ("CI_NODE_TOTAL", "2")], "got CI_NODE_INDEX=one"),
            ("auto", vec![("CI_NODE_INDEX", "-1"), ("CI_NODE_TOTAL", "2")], "got CI_NODE_INDEX=-1"),
            ("auto", vec![("CI_NODE_INDEX", "1"), ("CI_NODE_TOTAL", "0")], "for 0 parts"),
            ("auto", vec![("CI_NODE_INDEX", "1")], "CI_NODE_INDEX is set, and CI_NODE_TOTAL is not"),
            ("auto/0", vec![], "expected a part such as 1/4"),
            ("0/4", vec![], "expected a part such as 1/4"),
            ("5/4", vec![], "expected a part such as 1/4"),
            ("automatic", vec![], "expected a part such as 1/4"),
        ] {
            let error = part(text, &variables).expect_err(text);
            assert!(error.contains(words), "{text}: {error}");
        }
    }
}
