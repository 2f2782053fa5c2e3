//! Which tests ran, and in how many binaries: a library, its binary and a file in `tests/` may have one name, and tests of
//! one path in each. They are one name here too, as often as there are of them, so that one that is missing is missed.
//! Several checks of one test are one. Which of the binaries it is that has none any more, a name does not say.

use crate::gate::baseline::test_id;
use gorace_analyzer::record::Program;
use std::collections::BTreeMap;

/// See the module.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ran(BTreeMap<String, usize>);

impl Ran {
    /// What the processes of one run have left: the program of each result, and its process.
    pub fn of<'r>(left: impl Iterator<Item = (&'r Program, &'r str)>) -> Self {
        let mut binaries: Vec<(String, &str)> =
            left.map(|(program, process)| (test_id(program), process)).collect();
        binaries.sort_unstable();
        binaries.dedup();
        let mut ran = Ran::default();
        binaries.into_iter().for_each(|(test, _)| *ran.0.entry(test).or_default() += 1);
        ran
    }

    /// Adds what ran in another shard. What runs in both is one: two tests of one name are in the same one.
    pub fn join(&mut self, shard: Ran) {
        for (test, binaries) in shard.0 {
            let here = self.0.entry(test).or_default();
            *here = binaries.max(*here);
        }
    }

    /// In how many binaries the test ran.
    pub fn times(&self, test: &str) -> usize {
        self.0.get(test).copied().unwrap_or(0)
    }

    /// The tests' names, sorted, each as often as it ran.
    pub fn names(&self) -> Vec<String> {
        self.0.iter().flat_map(|(test, binaries)| std::iter::repeat_n(test.clone(), *binaries)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ran(left: &[(&str, &str)]) -> Ran {
        let program = |test: &str| Program {
            package: "p".to_owned(),
            target: "t".to_owned(),
            test: Some(test.to_owned()),
            ..Program::default()
        };
        let left: Vec<(Program, &str)> =
            left.iter().map(|(test, process)| (program(test), *process)).collect();
        Ran::of(left.iter().map(|(program, process)| (program, *process)))
    }

    #[test]
    fn tests_of_two_binaries_are_two_and_checks_of_one_test_are_one() {
        let one = ran(&[("a", "1"), ("a", "1"), ("a", "2"), ("b", "1")]);
        assert_eq!(one.names(), ["p::t::a", "p::t::a", "p::t::b"]);
        assert_eq!((one.times("p::t::a"), one.times("p::t::c")), (2, 0));
    }

    #[test]
    fn a_test_that_each_shard_runs_a_part_of_is_one() {
        let mut all = ran(&[("a", "1"), ("a", "2"), ("b", "1")]);
        all.join(ran(&[("b", "1"), ("c", "7")]));
        assert_eq!(all.names(), ["p::t::a", "p::t::a", "p::t::b", "p::t::c"]);
    }
}
