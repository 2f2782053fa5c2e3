//! C's own ways to wait, through the zero-change door: what they order is ordered, what waits for ever is a deadlock, and an
//! hour is over at once.
#![cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]

use gorace_tests::{Ran, Unmodified};
use rstest::rstest;

fn explore(program: &str, args: &[&str]) -> Ran {
    Unmodified("plain").explore(program, 200, &[&["--"], args].concat())
}

#[rstest]
fn what_waits_orders(
    #[values(
        "mutex_timedlock",
        "mutex_clocklock",
        "rwlock_timedrdlock",
        "rwlock_clockrdlock",
        "rwlock_timedwrlock",
        "rwlock_clockwrlock",
        "cond_timedwait",
        "cond_timedwait_monotonic",
        "cond_clockwait",
        "barrier",
        "once",
        "sem_timedwait",
        "sem_clockwait"
    )]
    function: &str,
) {
    let clean = explore("c_waits", &[function]);
    assert_eq!(clean.code, Some(0), "{}{}", clean.stdout, clean.stderr);
    assert!(clean.stdout.contains("tested: 200 schedules"), "{}", clean.stdout);
    // Without it, its own order is missing: nothing else orders the two.
    let race = explore("c_waits", &[function, "race"]);
    assert_eq!(race.code, Some(66), "{}{}", race.stdout, race.stderr);
    assert!(race.stdout.contains("error[GR0001]: data race on `NUMBERS`"), "{}", race.stdout);
}

/// What has a moment gives up then, in virtual time; POSIX names the error.
#[rstest]
fn an_hour_is_over_at_once(
    #[values(
        "mutex_timedlock",
        "mutex_clocklock",
        "rwlock_timedrdlock",
        "rwlock_clockrdlock",
        "rwlock_timedwrlock",
        "rwlock_clockwrlock",
        "cond_timedwait",
        "cond_timedwait_monotonic",
        "cond_clockwait",
        "sem_timedwait",
        "sem_clockwait"
    )]
    function: &str,
) {
    let ran = explore("c_waits", &[function, "late"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("tested: 200 schedules"), "{}", ran.stdout);
}

/// A barrier that one party never comes to, and a `pthread_once` that waits for itself.
#[rstest]
#[case("barrier", "waits at `LOCK`")]
#[case("once", "`LOCK`")]
fn who_waits_for_ever_is_in_a_deadlock(#[case] function: &str, #[case] words: &str) {
    let ran = explore("c_waits", &[function, "late"]);
    assert_eq!(ran.code, Some(66), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("error[GR0002]: deadlock"), "{}", ran.stdout);
    assert!(ran.stdout.contains(words), "{}", ran.stdout);
}

/// In its own words, not as a word of memory.
#[test]
fn a_semaphore_is_one() {
    let ran = explore("c_semaphore", &[]);
    assert_eq!(ran.code, Some(66), "{}{}", ran.stdout, ran.stderr);
    let flat = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("at `ROOM`, for a `sem_post`"), "{}", ran.stdout);
    assert!(!flat.contains("for a change of"), "{}", ran.stdout);
}

/// POSIX: an error-checking mutex says `EDEADLK` to its owner, a recursive one is taken once more, a normal one blocks.
#[test]
fn who_locks_again_is_told_by_the_mutex() {
    let ran = explore("c_relock", &[]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    let plain = explore("c_relock", &["plain"]);
    assert_eq!(plain.code, Some(66), "{}{}", plain.stdout, plain.stderr);
    assert!(plain.stdout.contains("error[GR0002]: deadlock"), "{}", plain.stdout);
}
