//! The zero-change door by each strategy: the engine's own searches and samplers, on plain std.
#![cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]

use gorace_tests::Unmodified;
use rstest::rstest;

const PLAIN: Unmodified = Unmodified("plain");

/// Two threads with three operations each on one number: six places, of which three are the first one's, make 20 orders.
/// Without a preemption one goes first or the other; with one, either is interrupted after one or two operations by the
/// whole of the other as well.
#[rstest]
#[case::all(&["--strategy", "exhaustive"], "verified: all 20 interleavings")]
#[case::no_preemption(&["--max-preemptions", "0"], "verified up to 0 preemptions (2 interleavings)")]
#[case::one(&["--max-preemptions", "1"], "verified up to 1 preemption (6 interleavings)")]
#[case::as_many_as_there_are(&["--max-preemptions", "9"], "verified: all 20 interleavings")]
fn a_search_runs_each_interleaving_once(#[case] flags: &[&str], #[case] verdict: &str) {
    let ran = PLAIN.explore("adds", 1_000, flags);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains(verdict), "{}", ran.stdout);
}

/// Of the six orders of two loads and two stores those four lose an update in which both loads come first; the two loads
/// commute, and so do not count apart: two traces of four.
#[test]
fn a_search_counts_the_bad_ones() {
    let ran = PLAIN.explore("lost_add", 1_000, &["--strategy", "exhaustive", "--keep-going"]);
    assert_eq!(ran.code, Some(66), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("panicked in 2 of 4 schedules"), "{}", ran.stdout);
}

#[rstest]
#[case::lock_order("abba", "error[GR0002]")]
#[case::lost_notification("lost_wakeup", "error[GR0002]")]
#[case::leak("leak_condvar", "error[GR0003]")]
#[case::order("order_panic", "an update was lost")]
#[case::relaxed("relaxed_flag", "error[GR0001]")]
fn a_search_finds_what_is_wrong(
    #[case] program: &str,
    #[case] words: &str,
    #[values(&["--strategy", "exhaustive"], &["--max-preemptions", "2"])] flags: &[&str],
) {
    let ran = PLAIN.explore(program, 5_000, flags);
    assert_eq!(ran.code, Some(66), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains(words) && ran.stdout.contains("(exhaustive"), "{}", ran.stdout);
    let flat = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("replayed 3 of 3 times"), "{}", ran.stdout);
}

#[rstest]
#[case("abba_fixed")]
#[case("race_cell_fixed")]
#[case("order_panic_fixed")]
fn a_search_proves_what_is_right(#[case] program: &str) {
    let ran = PLAIN.explore(program, 20_000, &["--strategy", "exhaustive"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains(": verified: "), "{}", ran.stdout);
}

/// What a search cannot know is no proof: a program that ends itself while others run, and timers that wait.
#[rstest]
#[case::an_exit("exits")]
#[case::a_timer("sleeps")]
fn a_search_that_knows_too_little_proves_nothing(#[case] program: &str) {
    let ran = PLAIN.explore(program, 20_000, &["--strategy", "exhaustive"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    assert!(!ran.stdout.contains("verified") && ran.stdout.contains(": tested: "), "{}", ran.stdout);
}

#[rstest]
fn each_random_strategy_finds_what_is_shallow(
    #[values("random", "pos", "surw", "urw", "pct(4)", "portfolio", "auto")] strategy: &str,
) {
    let ran = PLAIN.explore("lost_add", 100, &["--strategy", strategy]);
    assert_eq!(ran.code, Some(66), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("an update was lost"), "{}", ran.stdout);
}
