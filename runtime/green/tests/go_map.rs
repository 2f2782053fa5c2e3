//! `collections::Map` as Go's specification has maps, inside an execution and outside.
#![cfg(feature = "check")]

use gorace::check::{Strategy, Verdict};
use gorace::collections::Map;
use gorace::sync::Mutex;
use gorace::{Checker, Named, Outcome};
use std::panic::{AssertUnwindSafe, catch_unwind};

fn every(body: impl Fn() + Send + Sync + 'static) -> Outcome {
    Checker::new().strategy(Strategy::Exhaustive).keep_going(true).run(body)
}

/// Runs the same assertions outside of an execution and in every interleaving of one.
fn both(body: fn()) {
    body();
    let outcome = every(body);
    outcome.assert_clean();
    assert_eq!(outcome.verdict, Verdict::Verified);
}

/// Something to be scheduled at, so that the execution is one.
fn point() {
    drop(Mutex::new(()).lock());
}

#[test]
fn what_is_inserted_is_there_until_it_is_removed() {
    both(|| {
        point();
        let map = Map::new();
        assert!(map.is_empty());
        assert_eq!(map.insert("a", 1), None);
        assert_eq!(map.insert("a", 2), Some(1));
        map.insert("b", 3);
        assert_eq!((map.get(&"a"), map.get(&"c"), map.len()), (Some(2), None, 2));
        assert!(map.contains_key(&"b") && !map.contains_key(&"c"));
        assert_eq!((map.remove(&"a"), map.remove(&"a")), (Some(2), None));
        assert_eq!(map.keys(), ["b"]);
        map.clear();
        assert_eq!((map.len(), map.keys()), (0, vec![]));
    });
}

/// A map value is a reference: "a map type ... the value of an uninitialized map is nil", assignment copies the
/// reference and not the entries.
#[test]
fn a_clone_is_the_same_map() {
    both(|| {
        point();
        let map = Map::new();
        map.clone().insert(1, 1);
        assert_eq!(map.get(&1), Some(1));
    });
}

/// "If a map entry that has not yet been reached is removed during iteration, the corresponding iteration value
/// will not be produced. If a map entry is created during iteration, that entry may be produced during the
/// iteration or may be skipped."
#[test]
fn the_body_of_an_iteration_may_change_the_map() {
    both(|| {
        point();
        let map = Map::new();
        (0..10).for_each(|i| _ = map.insert(i, i * i));
        let mut seen = Vec::new();
        map.for_each(|key, value| {
            assert_eq!(*value, key * key);
            seen.push(*key);
            (0..10).filter(|other| other != key).for_each(|other| _ = map.remove(&other));
            map.insert(key + 100, 0);
        });
        assert_eq!(seen.len(), 1);
        assert_eq!(map.len(), 2);
    });
}

#[test]
fn the_order_is_the_same_in_every_execution() {
    let first = std::sync::Arc::new(std::sync::OnceLock::new());
    let outcome = every(move || {
        let map = Map::new();
        (0..100).for_each(|i| _ = map.insert(i.to_string(), ()));
        let lock = std::sync::Arc::new(Mutex::new(()));
        let of_other = lock.clone();
        let other = gorace::go!({ drop(of_other.lock()) });
        drop(lock.lock());
        other.join().unwrap();
        let keys = map.keys();
        assert_eq!(&keys, first.get_or_init(|| keys.clone()));
    });
    outcome.assert_clean();
    assert_eq!(outcome.executions, 2, "{}", outcome.summary());
}

/// The words of the finding that two unordered uses of one map give.
fn found(one: fn(&Map<u8, u8>), other: fn(&Map<u8, u8>)) -> Vec<String> {
    let outcome = every(move || {
        let map = Map::new();
        map.insert(1, 1);
        let theirs = map.clone();
        let task = gorace::go!({ one(&theirs) });
        other(&map);
        task.join().unwrap();
    });
    assert!(outcome.findings.iter().all(|finding| finding.code.code() == "GR0005"), "{outcome:?}");
    outcome.findings.iter().map(|finding| finding.title.clone()).collect()
}

#[test]
fn two_uses_that_nothing_orders_are_found_in_gos_words() {
    let write: &[fn(&Map<u8, u8>)] =
        &[|map| _ = map.insert(1, 2), |map| _ = map.remove(&1), |map| map.clear()];
    let read: &[fn(&Map<u8, u8>)] = &[
        |map| _ = map.get(&1),
        |map| _ = map.contains_key(&1),
        |map| _ = map.len(),
        |map| _ = map.is_empty(),
    ];
    let iterate: &[fn(&Map<u8, u8>)] = &[|map| _ = map.keys(), |map| map.for_each(|_, _| ())];
    for one in write {
        for (others, words) in [
            (write, "concurrent map writes"),
            (read, "concurrent map read and map write"),
            (iterate, "concurrent map iteration and map write"),
        ] {
            for other in others {
                for (a, b) in [(*one, *other), (*other, *one)] {
                    let titles = found(a, b);
                    assert!(
                        !titles.is_empty() && titles.iter().all(|title| title.contains(words)),
                        "{titles:?}"
                    );
                }
            }
        }
    }
    for one in read.iter().chain(iterate) {
        for other in read.iter().chain(iterate) {
            assert_eq!(found(*one, *other), [""; 0], "reads may meet");
        }
    }
}

/// An iteration's steps are uses of their own, whatever its body waits for.
#[test]
fn a_write_between_two_steps_of_an_iteration_is_found() {
    let outcome = every(|| {
        let map = Map::new();
        map.insert(1, 1);
        let (theirs, gate) = (map.clone(), gorace::Chan::new(0));
        let open = gate.clone();
        let writer = gorace::go!({
            let _ = open.recv();
            theirs.insert(2, 2);
        });
        map.for_each(|_, _| gate.send(()));
        map.for_each(|_, _| gate.close());
        drop(writer.join());
    });
    let titles: Vec<&str> = outcome.findings.iter().map(|finding| finding.title.as_str()).collect();
    assert!(
        titles.iter().any(|title| title.contains("concurrent map iteration and map write")),
        "{titles:?}"
    );
}

#[test]
fn a_lock_orders_the_uses_of_a_map() {
    let outcome = every(|| {
        let map = std::sync::Arc::new(Mutex::new(Map::new()));
        let theirs = map.clone();
        let task = gorace::go!({ _ = theirs.lock().unwrap().insert(1, 1) });
        map.lock().unwrap().insert(2, 2);
        task.join().unwrap();
        assert_eq!(map.lock().unwrap().len(), 2);
    });
    outcome.assert_clean();
    assert_eq!(outcome.executions, 2, "two orders of two locks");
}

#[test]
fn a_map_has_the_name_that_it_was_given() {
    let race = |map: Map<u8, u8>| {
        let theirs = map.clone();
        let task = gorace::go!({ _ = theirs.insert(1, 1) });
        map.insert(1, 1);
        task.join().unwrap();
    };
    let of_its_line = every(move || {
        let ages = Map::new();
        race(ages);
    });
    let by_hand = every(move || race(Map::new().named("scores")));
    assert!(of_its_line.findings[0].title.contains("`ages`"), "{of_its_line:?}");
    assert!(by_hand.findings[0].title.contains("`scores`"), "{by_hand:?}");
}

/// Outside, two uses that do meet panic in Go's words. Who meets whom is arranged by keys whose hash waits.
#[test]
fn uses_that_meet_outside_panic_in_gos_words() {
    struct Gate(std::sync::Barrier, std::sync::Barrier);
    static GATE: Gate = Gate(std::sync::Barrier::new(2), std::sync::Barrier::new(2));
    #[derive(Clone, PartialEq, Eq)]
    struct Waits(bool);
    impl std::hash::Hash for Waits {
        fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
            if self.0 {
                GATE.0.wait();
                GATE.1.wait();
            }
            1.hash(state);
        }
    }
    type Waiting = Map<Waits, u8>;
    let meet = |inside: fn(&Waiting), other: fn(&Waiting)| -> Option<String> {
        let map = Map::new();
        map.insert(Waits(false), 0);
        let theirs = map.clone();
        let thread = std::thread::spawn(move || inside(&theirs));
        GATE.0.wait();
        let result = catch_unwind(AssertUnwindSafe(|| other(&map)));
        GATE.1.wait();
        thread.join().unwrap();
        let payload = result.err()?;
        let text = payload.downcast_ref::<String>().cloned();
        text.or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned()))
    };
    let write: fn(&Waiting) = |map| _ = map.insert(Waits(true), 1);
    let read: fn(&Waiting) = |map| _ = map.get(&Waits(true));
    assert_eq!(meet(write, |map| map.clear()).as_deref(), Some("concurrent map writes"));
    assert_eq!(meet(write, |map| _ = map.len()).as_deref(), Some("concurrent map read and map write"));
    assert_eq!(meet(write, |map| _ = map.keys()).as_deref(), Some("concurrent map iteration and map write"));
    assert_eq!(meet(read, |map| map.clear()).as_deref(), Some("concurrent map read and map write"));
    assert_eq!(meet(read, |map| _ = map.len()), None);
}
